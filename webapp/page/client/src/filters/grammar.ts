// One condition in the server's grammar, `task.priority >= 50`, taken apart and put together again.

export type Operator = "=" | "!=" | ">" | ">=" | "<" | "<=" | "~" | "in" | "[]";

export interface Value {
  text: string;
  /** In a payload an unquoted number, truth or null is that; a quoted one is text. */
  quoted: boolean;
}

export interface Condition {
  field: string;
  op: Operator;
  values: Value[];
}

const QUOTED = /^"((?:[^"\\]|\\.)*)"/s;
const OPERATOR = /^(>=|<=|!=|=|>|<|~|\[\])|^in(?=\s*\()/i;
const FIELD = /^(?:(?!!=|\[\]|(?<!\s)\s+in\s*\()[^=<>~"])+/i;
const PLAIN = /^[\p{L}\p{N}_][\p{L}\p{N}_ .:+@/-]*(?<!\s)$/u;
const NAMED = /^[^\s=<>~"![\]](?:[^=<>~"![\]]*[^\s=<>~"![\]])?$/;
const LITERAL = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;

/** Whether it is a number, a truth or null where it stands without quotes. */
export const isLiteral = (text: string): boolean => LITERAL.test(text);
export const plain = (text: string): Value => ({ text, quoted: false });
export const quoted = (text: string): Value => ({ text, quoted: true });
export const NULL = plain("null");
export const isNull = (value: Value | undefined): boolean => value?.text === "null" && !value.quoted;

/** Reads one; null for what is none. */
export function readCondition(text: string): Condition | null {
  let rest = text.trim();
  const asText = QUOTED.exec(rest);
  const name = asText ?? FIELD.exec(rest);
  if (!name) return null;
  rest = rest.slice(name[0].length).trimStart();
  const operator = OPERATOR.exec(rest);
  if (!operator) return null;
  const field = asText ? unescaped(asText[1]!) : name[0].trim();
  const op = operator[0].toLowerCase() as Operator;
  const values = valuesOf(op, rest.slice(operator[0].length).trim());
  return field && values ? { field, op, values } : null;
}

/** The same as text. */
export function writeCondition({ field, op, values }: Condition): string {
  const name = NAMED.test(field) && !/\sin\s*\(/i.test(field) ? field : escaped(field);
  if (op === "in") return `${name} in (${values.map(written).join(", ")})`;
  if (op === "[]") return `${name} [] ${values.map(written).join(" | ")}`;
  return `${name} ${op} ${written(values[0] ?? quoted(""))}`;
}

/** What differs from the given condition only in being its opposite; null where the grammar has none. */
export function opposite(text: string): string | null {
  const found = readCondition(text);
  if (found?.op !== "=" && found?.op !== "!=") return null;
  return writeCondition({ ...found, op: found.op === "=" ? "!=" : "=" });
}

const written = ({ text, quoted: asText }: Value) => (!asText && PLAIN.test(text) ? text : escapedUnlessLiteral(text));
const escapedUnlessLiteral = (text: string) => (/^-\d/.test(text) && isLiteral(text) ? text : escaped(text));
const escaped = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;
const unescaped = (text: string) => text.replace(/\\(.)/gs, "$1");

function valuesOf(op: Operator, text: string): Value[] | null {
  if (op === "in") {
    if (!/^\(.*\)$/s.test(text)) return null;
    return severalOf(text.slice(1, -1), ",");
  }
  if (op === "[]") {
    const ends = severalOf(text, "|");
    return ends?.length === 2 ? ends : null;
  }
  const asText = QUOTED.exec(text);
  if (text.startsWith('"')) return asText?.[0] === text ? [quoted(unescaped(asText[1]!))] : null;
  return [plain(text)];
}

function severalOf(text: string, mark: string): Value[] | null {
  const found: Value[] = [];
  for (let rest = text.trim(); ; ) {
    const asText = QUOTED.exec(rest);
    const length = asText ? asText[0].length : (rest.indexOf(mark) + rest.length + 1) % (rest.length + 1);
    const one = asText ? quoted(unescaped(asText[1]!)) : plain(rest.slice(0, length).trim());
    if (!one.quoted && !one.text) return null;
    found.push(one);
    rest = rest.slice(length).trimStart();
    if (!rest) return found;
    if (!rest.startsWith(mark)) return null;
    rest = rest.slice(1).trimStart();
  }
}
