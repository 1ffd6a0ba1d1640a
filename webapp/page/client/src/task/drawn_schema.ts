// What a form says of the variables it fills in: one of form-js, or a JSON Schema.
import type { FormField, Json, Values } from "../api/shapes.ts";
import { type Part, propertiesOf } from "./schema_parts.ts";

export interface Component {
  type?: string;
  key?: string;
  path?: string;
  label?: string;
  components?: Component[];
}
export type Schema = Component & { [name: string]: Json };

export const isJsonSchema = (schema: Component): boolean =>
  !("components" in schema) && ("$schema" in schema || "properties" in schema);

/** One field per variable: with what the server says of it, else of any type. What is only computed is none. */
export function variablesOf(schema: Component, known: FormField[]): FormField[] {
  const said = new Map(known.map((field) => [field.id, field]));
  const labels = isJsonSchema(schema) ? titlesIn(schema as Part) : labelsIn(schema);
  return [...labels].map(([id, label]) => ({ id, label, type: "json", default: said.get(id)?.default ?? null }));
}

function titlesIn(schema: Part): Map<string, string> {
  const properties = [...propertiesOf(schema)];
  return new Map(properties.map(([name, [first]]) => [name, typeof first?.title === "string" ? first.title : name]));
}

function labelsIn(schema: Component): Map<string, string> {
  const found = new Map<string, string>();
  for (const { key, path, label, type, components } of partsOf(schema)) {
    const name = variable(key ?? path);
    if (name && !found.has(name) && (components || type !== "expression")) found.set(name, label ?? name);
  }
  return found;
}
/** All components that give something: what is within a path is a part of that. */
function partsOf(one: Component): Component[] {
  return (one.components ?? []).flatMap((part) => (part.key || part.path ? [part] : partsOf(part)));
}

const variable = (path: string | undefined): string | undefined => path?.split(".")[0];

/** These values, and what fields begin with where there are none. */
export function beginning(fields: FormField[], values: Values): Values {
  const begun = fields.filter((field) => field.default !== null && field.default !== undefined);
  return { ...Object.fromEntries(begun.map((field) => [field.id, field.default as Json])), ...values };
}

/** What is sent of it: a field that only shows that there is nothing is left out, there was nothing before. */
export function accepted(values: Values, asked: FormField[]): Values {
  const fixed = new Set(asked.filter((field) => field.constraints?.readonly).map((field) => field.id));
  const isNothing = (value: Json) => value === null || value === "";
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => !fixed.has(name) || !isNothing(value)));
}
