// Which rows are chosen, for one action on all of them, and which row the keyboard is on.
import { signal } from "@preact/signals";

export const chosen = signal<ReadonlySet<string>>(new Set());
/** Id of the row that has the focus of the list, whether or not it is opened. */
export const cursor = signal<string | null>(null);

export function toggleChosen(id: string): void {
  const next = new Set(chosen.value);
  if (!next.delete(id)) next.add(id);
  chosen.value = next;
}

export function choose(ids: Iterable<string>): void {
  chosen.value = new Set(ids);
}

export const chooseNone = () => choose([]);
