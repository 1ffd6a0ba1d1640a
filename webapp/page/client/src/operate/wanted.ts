// What the lists of this page are narrowed to, as the address has it: `state=RUNNING`.
import type { Filter } from "../api/shapes.ts";

export type Wanted = Partial<Record<"application" | "state" | "businessKey", string>>;

const NAMES = ["application", "state", "businessKey"] as const;

export function readWanted(filters: Filter[]): Wanted {
  const found: Wanted = {};
  for (const one of filters) {
    if (typeof one !== "string") continue;
    const name = NAMES.find((known) => one.startsWith(`${known}=`));
    if (name) found[name] = one.slice(name.length + 1);
  }
  return found;
}

export const writeWanted = (wanted: Wanted): string[] =>
  NAMES.flatMap((name) => (wanted[name] ? [`${name}=${wanted[name]}`] : []));

/** The same as parameters of a request. */
export function asked(wanted: Wanted, more: Record<string, string> = {}): string {
  const found = new URLSearchParams(more);
  for (const name of NAMES) if (wanted[name]) found.set(name, wanted[name]);
  return found.size ? `?${found}` : "";
}
