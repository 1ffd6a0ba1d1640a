// Questions that were kept under a name: one's own, and those shared with one's groups.
import { computed, signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Filter, Question, SavedFilter } from "../api/shapes.ts";
import { type Look, lookOf, lookSent } from "../filters/look.ts";

/** Null until they have been read. */
export const savedFilters = signal<SavedFilter[] | null>(null);
export const ownFilters = computed(() => (savedFilters.value ?? []).filter((one) => one.own));
export const sharedFilters = computed(() => (savedFilters.value ?? []).filter((one) => !one.own));

/** Reads them with what each finds now. */
export async function readSavedFilters(): Promise<void> {
  const { body } = await call<{ items: SavedFilter[] }>("/filters?counts=true");
  savedFilters.value = body.items;
}

/** What one says of a question when it is kept. */
export interface Label {
  name: string;
  groups: string[];
  look: Look;
}

/** Keeps a question, instead of an own one of that name; raises `Problem`. */
export async function keepFilter(label: Label, query: Question, position: number): Promise<SavedFilter> {
  const { filter } = query;
  const all: Filter | null = filter.length === 1 ? filter[0]! : filter.length ? { and: filter } : null;
  const before = ownFilters.peek().find((one) => one.name === label.name);
  const kept = await send(label, { ...query, filter: all }, position, before);
  await readSavedFilters();
  return kept;
}

/** The same question with another label; its id is another where the name is. */
export async function changeFilter(one: SavedFilter, label: Label): Promise<SavedFilter> {
  const kept = await send(label, one.query, one.position, one);
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
  for (const [position, one] of order.entries()) {
    if (one.position !== position) await send(labelOf(one), one.query, position, one);
  }
  await readSavedFilters();
}

export async function forgetFilter(id: string): Promise<void> {
  await call(`/filters/${encodeURIComponent(id)}`, { method: "DELETE" });
  await readSavedFilters();
}

export const labelOf = (one: SavedFilter): Label => ({ name: one.name, groups: one.groups, look: lookOf(one) });

async function send(
  { name, groups, look }: Label,
  query: unknown,
  position: number,
  before: SavedFilter | undefined,
): Promise<SavedFilter> {
  const body = { name, groups, position, query, ...lookSent(look, lookOf(before)) };
  return (await call<SavedFilter>("/filters", { method: "POST", body })).body;
}
