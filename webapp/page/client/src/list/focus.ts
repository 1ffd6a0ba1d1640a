// Where the keyboard is in the list: focus goes from row to row, and stays in the list when its row goes.
import { computed, effect, signal } from "@preact/signals";
import type { Action } from "../api/shapes.ts";
import { doing } from "../state/commands.ts";
import { list } from "../state/lists.ts";
import { go, opened } from "../state/place.ts";
import { chosen, cursor, keepChosen } from "../state/selection.ts";
import { openTask } from "../task/opened.ts";
import { successor } from "./succession.ts";

/** Id of a row that has to be drawn before it can have the focus. */
export const wanted = signal<string | null>(null);

/** Id of the row at which Tab stops. */
export const tabStop = computed(() => {
  const here = cursor.value ?? opened.value;
  const tasks = list.tasks.value;
  return tasks.some((task) => task.id === here) ? here : (tasks[0]?.id ?? null);
});

const rowOf = (id: string) => document.querySelector<HTMLElement>(`#list [data-id="${CSS.escape(id)}"]`);
export const rowWithFocus = () => document.activeElement?.closest<HTMLElement>("#list [data-id]")?.dataset.id ?? null;

export function focusRow(id: string): void {
  cursor.value = id;
  if (!focusNow(id)) wanted.value = id;
}

/** After rows have been drawn. */
export function focusWanted(): void {
  const id = wanted.peek();
  if (id !== null && focusNow(id)) wanted.value = null;
}

function focusNow(id: string): boolean {
  const row = rowOf(id);
  row?.querySelector<HTMLElement>("button")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
  return row !== null;
}

// What was last done to which task: one that was claimed stays open.
const last = new Map<string, Action>();
let order: readonly string[] = [];
let round = -1;
/** What was being completed when another list came without it, and the order it stood in. */
let behind: { id: string; before: readonly string[] } | null = null;

/** Follows the list; the answer stops it. */
export function followRows(): () => void {
  const stops = [
    effect(() => {
      for (const [id, action] of doing.value) last.set(id, action);
    }),
    effect(() => {
      const ids = list.tasks.value.map((task) => task.id);
      const [before, sameList] = [order, round === list.round.peek()];
      order = ids;
      round = list.round.peek();
      const there = new Set(ids);
      const inBar = Boolean(document.activeElement?.closest(".bulk-bar"));
      keepChosen(there);
      if (!sameList) {
        behind = leftBehind(before, there);
        cursor.value = null;
        wanted.value = null;
        last.clear();
        goOn();
      } else {
        succeed(before, there);
        // The bar goes with the last that is chosen, before its own answer is here.
        const next = cursor.peek() ?? ids[0];
        if (inBar && !chosen.peek().size && next) focusRow(next);
      }
    }),
    effect(() => {
      // Its answer may come after the list.
      if (openTask.value) goOn();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function succeed(before: readonly string[], there: ReadonlySet<string>): void {
  const gone = (id: string | null): id is string => id !== null && !there.has(id) && before.includes(id);
  const [here, open] = [cursor.peek(), opened.peek()];
  const movesOn = gone(open) && list.isOwn(open) && last.get(open) !== "claim";
  const from = movesOn ? open : here;
  if (!gone(from)) return;
  const next = successor(before, there, from);
  const focus = rowWithFocus();
  const inPane = movesOn && isInPane();
  cursor.value = next;
  if (movesOn) go({ task: next }, { replace: true });
  if (next && (inPane || gone(focus))) focusRow(next);
}

function leftBehind(before: readonly string[], there: ReadonlySet<string>): typeof behind {
  const id = opened.peek();
  if (id === null || there.has(id)) return null;
  if (behind?.id === id) return behind;
  return before.includes(id) && list.isOwn(id) && last.get(id) === "complete" ? { id, before } : null;
}

/** From what is completed by now to what follows in the list that came meanwhile. */
function goOn(): void {
  const shown = openTask.peek();
  if (!behind || shown?.id !== behind.id || shown.state === "open") return;
  const next = successor(behind.before, new Set(order), behind.id) ?? order[0] ?? null;
  const inPane = isInPane();
  behind = null;
  cursor.value = next;
  go({ task: next }, { replace: true });
  if (next && inPane) focusRow(next);
}

const isInPane = () => isNowhere() || Boolean(document.activeElement?.closest("#pane"));
const isNowhere = () => document.activeElement === null || document.activeElement === document.body;
