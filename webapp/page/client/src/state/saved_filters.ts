// Questions that were kept under a name: one's own, and those shared with one's groups.
import { signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Question, SavedFilter } from "../api/shapes.ts";

/** Null until they have been read. */
export const savedFilters = signal<SavedFilter[] | null>(null);

/** Reads them with what each finds now. */
export async function readSavedFilters(): Promise<void> {
  const { body } = await call<{ items: SavedFilter[] }>("/filters?counts=true");
  savedFilters.value = body.items;
}

/** Keeps a question, instead of an own one of that name; raises `Problem`. */
export async function keepFilter(
  name: string,
  query: Question,
  groups: string[] = [],
  position = 0,
): Promise<SavedFilter> {
  const filter = query.filter.length === 1 ? query.filter[0] : query.filter.length ? { and: query.filter } : null;
  const sent = { name, groups, position, query: { ...query, filter } };
  const { body } = await call<SavedFilter>("/filters", { method: "POST", body: sent });
  await readSavedFilters();
  return body;
}

export async function forgetFilter(id: string): Promise<void> {
  await call(`/filters/${encodeURIComponent(id)}`, { method: "DELETE" });
  await readSavedFilters();
}
