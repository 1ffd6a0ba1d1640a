// A text as a value of a filter.
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
