// Some lines of a text before and behind one of them, each with its number.
const AROUND = 2;

export function linesAround(text: string, line: number): [number: number, content: string][] {
  const all = text ? text.split(/\r?\n/) : [];
  const from = Math.max(line - AROUND, 1);
  return all.slice(from - 1, line + AROUND).map((content, index) => [from + index, content]);
}
