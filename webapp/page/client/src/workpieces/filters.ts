// Filters of one field each, `data.type = "Invoice"`, as the choices above a list make and read them.
import type { Filter } from "../api/shapes.ts";

/** Those that can be asked for in an address; groups are of lists of tasks. */
export const plainFilters = (filters: readonly Filter[]): string[] =>
  filters.filter((one): one is string => typeof one === "string");

/** The first of the filters that is about one of these fields, and its value. */
export function chosenOf(
  filters: readonly Filter[],
  fields: readonly string[],
): { filter: string; value: string } | null {
  for (const filter of plainFilters(filters)) {
    const field = fields.find((one) => filter.startsWith(`${one} = `));
    if (field) return { filter, value: unquoted(filter.slice(field.length + 3)) };
  }
  return null;
}

/** The filters with this one instead of those about these fields; without any where it is empty. */
export function replaced(filters: readonly Filter[], fields: readonly string[], filter: string): Filter[] {
  const left = filters.filter(
    (one) => typeof one !== "string" || !fields.some((field) => one.startsWith(`${field} = `)),
  );
  return filter ? [...left, filter] : left;
}

const unquoted = (text: string): string => (/^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, "$1") : text);
