// The processes one may start.
import { call } from "../api/calls.ts";
import type { FormField, FormReference } from "../api/shapes.ts";

export interface Definition {
  id: string;
  application: string;
  key: string;
  name: string | null;
  description: string | null;
  formFields: FormField[] | null;
  formRef: FormReference | null;
}

export async function definitions(): Promise<Definition[]> {
  const { body } = await call<{ items: Definition[] }>("/process-definitions");
  return body.items;
}

/** How an address and what is remembered name it. */
export const refOf = (one: Definition): string => `${one.application}/${one.key}`;

/** The recent ones first, then by name. */
export function inOrder(all: Definition[], recent: string[]): Definition[] {
  const place = (one: Definition) => (recent.includes(refOf(one)) ? recent.indexOf(refOf(one)) : recent.length);
  const name = (one: Definition) => one.name ?? one.key;
  return [...all].sort((one, other) => place(one) - place(other) || name(one).localeCompare(name(other)));
}
