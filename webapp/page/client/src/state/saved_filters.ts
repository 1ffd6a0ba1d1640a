// Questions that were kept under a name: one's own, and those shared with one's groups.
import { computed, signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Filter, Question, SavedFilter } from "../api/shapes.ts";

/** Null until they have been read. */
export const savedFilters = signal<SavedFilter[] | null>(null);
export const ownFilters = computed(() => (savedFilters.value ?? []).filter((one) => one.own));
export const sharedFilters = computed(() => (savedFilters.value ?? []).filter((one) => !one.own));

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
  const { filter } = query;
  const all: Filter | null = filter.length === 1 ? filter[0]! : filter.length ? { and: filter } : null;
  const kept = await send({ name, groups, position, query: { ...query, filter: all } });
  await readSavedFilters();
  return kept;
}

/** The same question under another name, or with other groups; its id is another where the name is. */
export async function changeFilter(one: SavedFilter, name: string, groups: string[]): Promise<SavedFilter> {
  const kept = await send({ name, groups, position: one.position, query: one.query });
  if (kept.id !== one.id) await call(`/filters/${encodeURIComponent(one.id)}`, { method: "DELETE" });
  await readSavedFilters();
  return kept;
}

/** One place up (-1) or down (1) among one's own; only those whose place is another are sent. */
export async function moveFilter(id: string, by: -1 | 1): Promise<void> {
  const order = [...ownFilters.peek()];
  const from = order.findIndex((one) => one.id === id);
  const to = from + by;
  if (from < 0 || to < 0 || to >= order.length) return;
  order.splice(to, 0, ...order.splice(from, 1));
  for (const [position, { name, groups, query, position: before }] of order.entries()) {
    if (before !== position) await send({ name, groups, query, position });
  }
  await readSavedFilters();
}

export async function forgetFilter(id: string): Promise<void> {
  await call(`/filters/${encodeURIComponent(id)}`, { method: "DELETE" });
  await readSavedFilters();
}

async function send(body: unknown): Promise<SavedFilter> {
  return (await call<SavedFilter>("/filters", { method: "POST", body })).body;
}
