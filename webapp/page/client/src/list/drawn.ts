// Which tasks are drawn, with the heading that each begins.
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";
import type { Task } from "../api/shapes.ts";
import { now } from "../state/clock.ts";
import { list } from "../state/lists.ts";
import { place } from "../state/place.ts";
import { byDay } from "../state/preferences.ts";
import { weekStart, zone } from "../words/moments.ts";
import { type Day, dayOf, endsOf } from "./days.ts";
import { focusWanted, tabStop, wanted } from "./focus.ts";
import { readSort } from "./sorting.ts";
import { useSteadiness } from "./steady.ts";
import { type Drawn, useRows } from "./virtual.ts";

interface Measures {
  row: number;
  heading: number;
  gap?: number;
}

export interface DrawnTask {
  task: Task;
  index: number;
  before: number;
  heading: Day | null;
}

/** Whether the list is under headings of days: tasks of a day have to stand together. */
export function isByDay(): boolean {
  const { tab, sort } = place.value;
  return byDay.value && tab !== "completed" && tab !== "involved" && (!sort || readSort(sort)[0]?.path === "dueDate");
}

export function useDrawn(own: RefObject<HTMLElement | null>, measures: Measures) {
  const tasks = list.tasks.value;
  const ends = isByDay() ? endsOf(now.value, weekStart.value, zone.value) : null;
  const headingOf = (index: number): Day | null => {
    if (ends === null) return null;
    const day = dayOf(tasks[index]!.dueDate, ends);
    return index && dayOf(tasks[index - 1]!.dueDate, ends) === day ? null : day;
  };
  // Where the focus is going, else where it is: read without following it, since rows do so themselves.
  const kept = wanted.value ?? tabStop.peek();
  const drawn: Drawn = useRows({
    own,
    count: tasks.length,
    keyOf: (index) => tasks[index]!.id,
    sizeOf: (index) => measures.row + (headingOf(index) ? measures.heading : 0),
    gap: measures.gap,
    kept: kept === null ? -1 : tasks.findIndex((task) => task.id === kept),
  });
  useSteadiness(own, tasks);
  useLayoutEffect(focusWanted);
  const rows: DrawnTask[] = drawn.rows.map(({ index, before }) => ({
    task: tasks[index]!,
    index,
    before,
    heading: headingOf(index),
  }));
  return { rows, after: drawn.after, measure: drawn.measure };
}

/** How many there are, as assistive technology is told; -1: unknown. */
export function sizeOfList(): number {
  if (!list.hasMore.value) return list.tasks.value.length;
  return list.atLeast.value ? -1 : Math.max(list.total.value, list.tasks.value.length);
}
