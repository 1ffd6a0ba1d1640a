// What a click on a counted value makes of the filters, and what counting takes of them.
import type { Filter } from "../api/shapes.ts";
import { type Condition, isNull, NULL, opposite, readCondition, type Value, writeCondition } from "./grammar.ts";
import { flat, membersOf } from "./groups.ts";

const isLiteralText = /^(?:null|-?\d.*|true|false)$/;

/** A condition that names values of the field one by one; null for every other. */
function chosenBy(filter: Filter, field: string): Condition | null {
  const read = typeof filter === "string" ? readCondition(filter) : null;
  return read?.field === field && (read.op === "=" || read.op === "in") ? read : null;
}

/** The values of a field that are asked for; null stands for none at all. */
export function chosenOf(filters: Filter[], field: string): Set<string | null> {
  const found = filters.flatMap((one) => chosenBy(one, field)?.values ?? []);
  return new Set(found.map((value) => (isNull(value) ? null : value.text)));
}

/** Adds a value to those that are asked for, or takes it away. */
export function toggled(filters: Filter[], field: string, value: string | null): Filter[] {
  const chosen = chosenOf(filters, field);
  if (!chosen.delete(value)) chosen.add(value);
  const values = [...chosen].map(
    (one): Value => (one === null ? NULL : { text: one, quoted: isLiteralText.test(one) }),
  );
  const made = values.length ? [writeCondition({ field, op: values.length > 1 ? "in" : "=", values })] : [];
  const at = filters.findIndex((one) => chosenBy(one, field));
  if (at < 0) return [...filters, ...made];
  return filters.flatMap((one, index) => (index === at ? made : chosenBy(one, field) ? [] : [one]));
}

/** Those that do not speak of a field. */
export const without = (filters: Filter[], field: string): Filter[] =>
  filters.filter((one) => typeof one !== "string" || readCondition(one)?.field !== field);

/** The same as texts only; null where that cannot be said so. */
export function asTexts(filters: Filter[]): string[] | null {
  const found: string[] = [];
  for (const one of flat(filters)) {
    const text = typeof one === "string" ? one : "or" in one ? oneOf(membersOf(one)) : negated(one);
    if (text === null) return null;
    found.push(text);
  }
  return found;
}

function negated(filter: Filter): string | null {
  return typeof filter !== "string" && "not" in filter && typeof filter.not === "string" ? opposite(filter.not) : null;
}

// One of several values of the same field.
function oneOf(members: Filter[]): string | null {
  const read = members.map((one) => (typeof one === "string" ? readCondition(one) : null));
  const field = read[0]?.field;
  if (!field || !read.every((one) => one && chosenBy(writeCondition(one), field))) return null;
  return writeCondition({ field, op: "in", values: read.flatMap((one) => one!.values) });
}
