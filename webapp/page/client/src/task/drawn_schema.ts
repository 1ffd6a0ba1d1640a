// What a form of form-js says of the variables it fills in.
import type { FormField, Json, Values } from "../api/shapes.ts";

export interface Component {
  type?: string;
  key?: string;
  path?: string;
  label?: string;
  components?: Component[];
}
export type Schema = Component & { [name: string]: Json };

/** One field per variable: with what the server says of it, else of any type. What is only computed is none. */
export function variablesOf(schema: Component, known: FormField[]): FormField[] {
  const said = new Map(known.map((field) => [field.id, field]));
  const found = new Map<string, FormField>();
  for (const { key, path, label, type, components } of partsOf(schema)) {
    const name = variable(key ?? path);
    if (!name || found.has(name) || (!components && type === "expression")) continue;
    found.set(name, { id: name, label: label ?? name, type: "json", default: said.get(name)?.default ?? null });
  }
  return [...found.values()];
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
