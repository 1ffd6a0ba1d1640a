// From what a form shows to what is sent, and back.
import type { FormField, Json, Task, Values } from "../api/shapes.ts";

/** As it was typed: texts, or the ids of a list. */
export type Typed = { [field: string]: Json };

export const isNumber = ({ type }: FormField): boolean => ["long", "integer", "double"].includes(type);

/** The fields of a task; of one without a form one per simple variable of its payload. */
export function fieldsOf(task: Task): FormField[] {
  if (task.formFields?.length) return task.formFields;
  return Object.entries(task.payload ?? {}).flatMap(([id, value]) => {
    const type = simpleType(value);
    return type ? [{ id, label: id, type, default: value, values: [] }] : [];
  });
}

function simpleType(value: Json): string | null {
  if (typeof value === "number") return Number.isInteger(value) ? "long" : "double";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "string" : null;
}

/** What a field begins with. */
export const initial = (field: FormField, payload?: Values | null): Json => payload?.[field.id] ?? field.default ?? "";

/** What was typed, as values of their types; what is empty is left out. */
export function valuesOf(fields: FormField[], typed: Typed): Values {
  const found: Values = {};
  for (const field of fields) {
    const value = typedValue(field, typed[field.id]);
    if (value !== undefined) found[field.id] = value;
  }
  return found;
}

export function typedValue(field: FormField, raw: Json | undefined): Json | undefined {
  if (field.type === "list") return listOf(field, raw);
  if (raw === undefined || raw === null || (typeof raw === "string" && !raw.trim())) return undefined;
  if (field.type === "boolean") return raw === true || raw === "true";
  return isNumber(field) ? Number(raw) : raw;
}

// Where nothing can be chosen from, one line is one value.
function listOf(field: FormField, raw: Json | undefined): Json {
  if (Array.isArray(raw)) return raw;
  if (typeof raw !== "string" || field.values?.length) return raw ? [raw] : [];
  return raw
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** What is kept of it before it is sent: of the right type where it has one already, else as it stands there. */
export function draftOf(fields: FormField[], typed: Typed): Values {
  const kept = fields.filter(({ id }) => typed[id] !== undefined);
  return Object.fromEntries(kept.map((field) => [field.id, keptValue(field, typed[field.id]!)]));
}

function keptValue(field: FormField, raw: Json): Json {
  if (field.type === "boolean") return raw === "" ? "" : raw === true || raw === "true";
  return isNumber(field) && typeof raw === "string" && raw !== "" && String(Number(raw)) === raw ? Number(raw) : raw;
}

/** Without a form of its own only what was edited is sent: the rest is the process's already. */
export function given(task: Task, values: Values): Values {
  if (task.formFields?.length) return values;
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== task.payload?.[name]));
}

export const isSame = (one: Json | undefined, other: Json | undefined): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
