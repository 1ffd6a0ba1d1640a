// What the lists of this page are narrowed to, as the address has it: `state=RUNNING`.
import type { Filter } from "../api/shapes.ts";
import { DAY, startOf, type Zone } from "../words/zones.ts";

const NAMES = ["application", "state", "businessKey", "user", "action", "from", "until"] as const;

export type Wanted = Partial<Record<(typeof NAMES)[number], string>>;

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

/** The days from and until which, both included, as the moments that they begin and end in a zone. */
export function inMoments({ from, until, ...wanted }: Wanted, zone: Zone): Wanted {
  const begin = (text: string | undefined, later = 0): string | undefined => {
    const day = Date.parse(`${text}T00:00:00Z`);
    return Number.isNaN(day) ? undefined : new Date(startOf(day + later, zone)).toISOString();
  };
  const [first, end] = [begin(from), begin(until, DAY)];
  return { ...wanted, ...(first && { from: first }), ...(end && { until: end }) };
}
