// What every row of the list knows of itself, as card or in the table.
import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { Task } from "../api/shapes.ts";
import { list } from "../state/lists.ts";
import { opened } from "../state/place.ts";
import { chooseRange, chosen, toggleChosen } from "../state/selection.ts";
import { tabStop } from "./focus.ts";

export interface RowState {
  isOpen: boolean;
  isChosen: boolean;
  /** 0 where Tab stops: at one row of the list, from which arrows lead on. */
  tab: 0 | -1;
  /** Why it goes, where it does. */
  ghost: string | undefined;
  kind: "" | "fresh" | "ghost";
}

/** Only what concerns this row draws it again. */
export function useRow({ id }: Task): RowState {
  const isOpen = useComputed(() => opened.value === id);
  const isChosen = useComputed(() => chosen.value.has(id));
  const tab = useComputed(() => (tabStop.value === id ? 0 : -1)) as ReadonlySignal<0 | -1>;
  const ghost = useComputed(() => list.ghosts.value.get(id));
  const isFresh = useComputed(() => list.fresh.value.has(id));
  return {
    isOpen: isOpen.value,
    isChosen: isChosen.value,
    tab: tab.value,
    ghost: ghost.value,
    kind: ghost.value === undefined ? (isFresh.value ? "fresh" : "") : "ghost",
  };
}

let before: string | null = null;

/** A click on a row's box; with the shift key all from the one before. */
export function pick(id: string, event: MouseEvent): void {
  const order = list.tasks.peek().map((task) => task.id);
  if (event.shiftKey && before && order.includes(before)) chooseRange(order, before, id);
  else toggleChosen(id);
  before = id;
}
