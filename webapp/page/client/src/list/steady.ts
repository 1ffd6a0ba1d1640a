// What is read stays where it is when rows above it come or go.
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Task } from "../api/shapes.ts";
import { list } from "../state/lists.ts";
import { scrollerOf, topOf } from "./virtual.ts";

interface Seen {
  row: HTMLElement;
  top: number;
}

/** To be asked while drawing: the rows are still where they were. */
export function useSteadiness(own: RefObject<HTMLElement | null>, tasks: readonly Task[]): void {
  const before = useRef<{ tasks: readonly Task[]; round: number }>({ tasks: [], round: -1 });
  const seen = useRef<Seen | null>(null);
  const round = list.round.peek();
  if (before.current.tasks !== tasks) {
    seen.current = before.current.round === round && own.current && list.holds ? firstSeen(own.current, tasks) : null;
    before.current = { tasks, round };
  }
  useLayoutEffect(() => {
    const found = seen.current;
    seen.current = null;
    if (!found?.row.isConnected) return;
    const moved = found.row.getBoundingClientRect().top - found.top;
    if (Math.abs(moved) > 0.5) scrollerOf(found.row).scrollBy(0, moved);
  });
}

// Of those that stay.
function firstSeen(own: HTMLElement, tasks: readonly Task[]): Seen | null {
  const edge = topOf(scrollerOf(own));
  const stays = new Set(tasks.map((task) => task.id));
  for (const row of own.querySelectorAll<HTMLElement>("[data-id]")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > edge && stays.has(row.dataset.id!)) return { row, top };
  }
  return null;
}
