// What is wrong with the value of a field: the rules of the engine, which judges again.
import type { FormField, Json } from "../api/shapes.ts";
import { type Typed, typedValue } from "./form_values.ts";

/** What is wrong, as the name of a text and what to put into it. */
export interface Wrong {
  word: WrongWord;
  values?: Record<string, string | number>;
}

export type WrongWord =
  | "wrong.required"
  | "wrong.whole"
  | "wrong.number"
  | "wrong.boolean"
  | "wrong.text"
  | "wrong.date"
  | "wrong.least"
  | "wrong.most"
  | "wrong.shortest"
  | "wrong.longest"
  | "wrong.pattern"
  | "wrong.one_of"
  | "wrong.some_of"
  | "wrong.list"
  | "wrong.fixed"
  | "wrong.more"
  | "wrong.less"
  | "wrong.multiple"
  | "wrong.format"
  | "wrong.fewest"
  | "wrong.too_many"
  | "wrong.twice"
  | "wrong.unasked"
  | "wrong.unfit";

const LONGEST_MATCHED = 200;

export function judge(field: FormField, raw: Json | undefined): Wrong | null {
  if (field.constraints?.readonly) return null;
  const value = typedValue(field, raw);
  if (value === undefined || (Array.isArray(value) && !value.length))
    return field.required ? { word: "wrong.required" } : null;
  if (typeof value === "number") return judgeNumber(field, value);
  if (field.type === "date") return isDate(value) ? null : { word: "wrong.date" };
  return typeof value === "string" ? judgeText(field, value) : null;
}

/** Of all fields, by name, in the order of the form. */
export function judgeAll(fields: FormField[], typed: Typed): Map<string, Wrong> {
  const found = fields.map((field) => [field.id, judge(field, typed[field.id])] as const);
  return new Map(found.filter((one): one is [string, Wrong] => one[1] !== null));
}

function judgeNumber({ type, constraints }: FormField, value: number): Wrong | null {
  if (!Number.isFinite(value)) return { word: "wrong.number" };
  if (type !== "double" && !Number.isInteger(value)) return { word: "wrong.whole" };
  const { min, max } = constraints ?? {};
  if (min !== undefined && value < min) return { word: "wrong.least", values: { n: min } };
  return max !== undefined && value > max ? { word: "wrong.most", values: { n: max } } : null;
}

function judgeText({ type, constraints }: FormField, value: string): Wrong | null {
  if (type === "enum") return null;
  const { minlength, maxlength, pattern, anywhere } = constraints ?? {};
  // As many characters as the engine counts, and not as many as a browser needs for them.
  const length = [...value].length;
  if (minlength !== undefined && length < minlength) return { word: "wrong.shortest", values: { n: minlength } };
  if (maxlength !== undefined && length > maxlength) return { word: "wrong.longest", values: { n: maxlength } };
  if (!pattern || length > LONGEST_MATCHED) return null;
  return isMatch(anywhere ? pattern : `^(?:${pattern})$`, value) ? null : { word: "wrong.pattern" };
}

// A pattern of another dialect is left to the engine.
function isMatch(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}

const isDate = (value: Json): boolean =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value));

const SAID: [RegExp, WrongWord][] = [
  [/^is required$/, "wrong.required"],
  [/^must be a whole number$/, "wrong.whole"],
  [/^must be a number$/, "wrong.number"],
  [/^must be true or false$/, "wrong.boolean"],
  [/^must be text$/, "wrong.text"],
  [/^must be an ISO-8601 date$/, "wrong.date"],
  [/^must be at least (.+)$/, "wrong.least"],
  [/^must be at most (.+)$/, "wrong.most"],
  [/^must have at least (\d+) characters$/, "wrong.shortest"],
  [/^must have at most (\d+) characters$/, "wrong.longest"],
  [/^does not have the form that is asked for$/, "wrong.pattern"],
  [/^must be one of (.*)$/s, "wrong.one_of"],
  [/^may have (.*)$/s, "wrong.some_of"],
  [/^must be a list$/, "wrong.list"],
  [/^cannot be changed$/, "wrong.fixed"],
  [/^must be more than (.+)$/, "wrong.more"],
  [/^must be less than (.+)$/, "wrong.less"],
  [/^must be a multiple of (.+)$/, "wrong.multiple"],
  [/^is no valid (.+)$/, "wrong.format"],
  [/^must have at least (\d+) entries$/, "wrong.fewest"],
  [/^must have at most (\d+) entries$/, "wrong.too_many"],
  [/^must not have the same entry twice$/, "wrong.twice"],
  [/^is not asked for$/, "wrong.unasked"],
  [/^does not fit what is asked for$/, "wrong.unfit"],
];

/** What the engine says of a field; null where it is said in words of its own. */
export function wrongOf(message: string): Wrong | null {
  for (const [pattern, word] of SAID) {
    const found = pattern.exec(message);
    if (found) return { word, values: { n: found[1] ?? "" } };
  }
  return null;
}
