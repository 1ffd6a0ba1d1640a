// How many tasks every list has, beside its name; read again when the list of the page has changed, not more often.
import { signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Counts } from "../api/shapes.ts";
import { hear } from "./lists.ts";
import { readSavedFilters } from "./saved_filters.ts";

const EVERY = 30_000;
const SOON = 1500;

export type Counted = Counts["scopes"][string];

/** By scope; `null` until they have been read. */
export const scopeCounts = signal<Counts["scopes"] | null>(null);
export const deferredCount = signal<Counted | null>(null);
/** How many of mine are late: shown in the title and the icon. */
export const overdue = signal(0);

let timer: ReturnType<typeof setTimeout> | undefined;
let isReading = false;

const search = async (asked: object): Promise<Counted> =>
  (await call<Counted>("/tasks/search", { method: "POST", body: { ...asked, size: 1 } })).body;

// What cannot be read stays as it was.
async function read(): Promise<void> {
  const late = `task.dueDate < ${new Date().toISOString()}`;
  await Promise.allSettled([
    call<Counts>("/tasks/counts").then(({ body }) => {
      scopeCounts.value = body.scopes;
    }),
    search({ scope: "mine", filter: late }).then(({ total }) => {
      overdue.value = total;
    }),
    search({ scope: "visible", deferred: "only" }).then(({ total, totalIsAtLeast }) => {
      deferredCount.value = { total, totalIsAtLeast };
    }),
    readSavedFilters(),
  ]);
}

/** Counts soon, once: much may happen at a time. Whoever does not look at the page asks for nothing. */
export function countSoon(): void {
  if (timer || document.hidden) return;
  timer = setTimeout(async () => {
    timer = undefined;
    if (isReading) return countSoon();
    if (document.hidden) return;
    isReading = true;
    await read();
    isReading = false;
  }, SOON);
}

export function followCounts(): void {
  void read();
  hear({ changed: countSoon, left: countSoon });
  setInterval(countSoon, EVERY);
  document.addEventListener("visibilitychange", countSoon);
}
