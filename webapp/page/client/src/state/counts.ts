// How many tasks every list has, beside its name; read again when the list of the page has changed, not more often.
import { signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Counts } from "../api/shapes.ts";
import { hear } from "./lists.ts";
import { readSavedFilters } from "./saved_filters.ts";

const EVERY = 30_000;
const SOON = 1500;

/** By scope; `null` until they have been read. */
export const scopeCounts = signal<Counts["scopes"] | null>(null);
/** How many of mine are late: shown in the title and the icon. */
export const overdue = signal(0);

let timer: ReturnType<typeof setTimeout> | undefined;

async function read(): Promise<void> {
  if (document.hidden) return;
  const late = `task.dueDate < ${new Date().toISOString()}`;
  const asked = { scope: "mine", filter: late, size: 1 };
  const [counted, mine] = await Promise.all([
    call<Counts>("/tasks/counts"),
    call<{ total: number }>("/tasks/search", { method: "POST", body: asked }),
    readSavedFilters(),
  ]);
  scopeCounts.value = counted.body.scopes;
  overdue.value = mine.body.total;
}

/** Counts soon: much may happen at once. */
export function countSoon(): void {
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    read().catch(() => {});
  }, SOON);
}

export function followCounts(): void {
  read().catch(() => {});
  hear({ changed: countSoon, left: countSoon });
  setInterval(countSoon, EVERY);
  document.addEventListener("visibilitychange", countSoon);
}
