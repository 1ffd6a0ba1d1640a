// Which rows are chosen, for one action on all of them, and which row the keyboard is on.
import { signal } from "@preact/signals";

/** So many can be acted on at once. */
export const MOST = 500;

export const chosen = signal<ReadonlySet<string>>(new Set());
/** Id of the row that has the focus of the list, whether or not it is opened. */
export const cursor = signal<string | null>(null);

// Where a range begins, and what was chosen before it was drawn.
let anchor: string | null = null;
let before: ReadonlySet<string> = new Set();

export function toggleChosen(id: string): void {
  const next = new Set(chosen.value);
  if (!next.delete(id)) next.add(id);
  chosen.value = next;
  beginRange(id);
}

export function choose(ids: Iterable<string>): void {
  chosen.value = new Set(ids);
  beginRange(null);
}

export const chooseNone = () => choose([]);

/** The next range begins here. */
export function beginRange(id: string | null): void {
  anchor = id;
  before = chosen.peek();
}

/** Chooses all from where the range began, else from `from`, to `to`; drawn back, what it left is not chosen any more. */
export function chooseRange(order: readonly string[], from: string, to: string): void {
  if (anchor === null || !order.includes(anchor)) beginRange(from);
  chosen.value = new Set([...before, ...between(order, anchor!, to)]);
}

/** All from one to the other, whichever comes first. */
export function between(order: readonly string[], one: string, other: string): string[] {
  const [left, right] = [order.indexOf(one), order.indexOf(other)].sort((a, b) => a - b);
  return left === undefined || left < 0 ? [] : order.slice(left, right! + 1);
}

/** Only what is still there can be acted on. */
export function keepChosen(there: ReadonlySet<string>): void {
  const left = [...chosen.peek()].filter((id) => there.has(id));
  if (left.length !== chosen.peek().size) choose(left);
}
