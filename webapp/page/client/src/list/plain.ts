// A description in one line: its words, without the marks of Markdown.
const MARKS: [RegExp, string][] = [
  [/!?\[([^\]]*)\]\([^)]*\)/g, "$1"],
  [/^\s*(#{1,6}|[-*+>]|\d+\.)\s+/gm, ""],
  [/(\*\*|__|~~|`+)/g, ""],
  [/(^|[^\w*])[*_]([^\s*_][^*_]*)[*_](?!\w)/g, "$1$2"],
  [/\s+/g, " "],
];

export const plain = (text: string): string =>
  MARKS.reduce((found, [mark, instead]) => found.replace(mark, instead), text).trim();
