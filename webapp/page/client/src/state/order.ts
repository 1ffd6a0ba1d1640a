// The order of a list, as the server has it: nothing comes last, text is compared folded, ids break ties.
import type { Json, Task } from "../api/shapes.ts";

const DEFAULT = "-priority,dueDate";
const KINDS = ["number", "string", "boolean"];

/** What a path leads to: a field of the task, or `payload.customer.city`; the first of several. */
export function valueAt(task: Task, path: string): Json | undefined {
  const steps = path.startsWith("task.") ? path.slice(5).split(".") : path.split(".");
  let found: Json | undefined = task as unknown as Json;
  for (const step of steps) {
    while (Array.isArray(found)) found = found[0];
    if (found === null || typeof found !== "object") return undefined;
    found = found[step];
  }
  while (Array.isArray(found)) found = found[0];
  return found;
}

type Comparable = Json | undefined;
interface Key {
  path: string;
  sign: number;
}

// Most of a long list is the same from one change to the next.
const compared = new WeakMap<Task, { keys: string; values: Comparable[] }>();

/** A copy in the order of `sort`, a comma list of paths, `-` before those that descend. */
export function inOrder(tasks: Task[], sort: string | null): Task[] {
  const text = sort || DEFAULT;
  const keys = keysOf(text);
  const made = tasks.map((task) => ({ task, values: valuesOf(task, text, keys) }));
  made.sort((one, other) => {
    for (const [index, { sign }] of keys.entries()) {
      const found = compare(one.values[index], other.values[index], sign);
      if (found) return found;
    }
    return one.task.id < other.task.id ? -1 : 1;
  });
  return made.map(({ task }) => task);
}

/** Which place every task of a list has, and keeps while it is read. */
export class Places {
  private placed = new Map<string, Task>();

  /** With `keeps`, tasks stand where they stood before they changed. */
  inOrder(tasks: Task[], sort: string | null, keeps: boolean): Task[] {
    const before = keeps ? this.placed : new Map<string, Task>();
    this.placed = new Map(tasks.map((task) => [task.id, before.get(task.id) ?? task]));
    if (!keeps) return inOrder(tasks, sort);
    const now = new Map(tasks.map((task) => [task.id, task]));
    return inOrder([...this.placed.values()], sort).map((task) => now.get(task.id)!);
  }

  forget(): void {
    this.placed.clear();
  }
}

function keysOf(sort: string): Key[] {
  const parts = sort.split(",").map((key) => key.trim());
  return parts.filter(Boolean).map((key) => ({ path: key.replace(/^[-+]/, ""), sign: key.startsWith("-") ? -1 : 1 }));
}

function valuesOf(task: Task, text: string, keys: Key[]): Comparable[] {
  const found = compared.get(task);
  if (found?.keys === text) return found.values;
  const values = keys.map(({ path }) => folded(valueAt(task, path)));
  compared.set(task, { keys: text, values });
  return values;
}

const folded = (value: Comparable) => (typeof value === "string" ? value.normalize("NFKC").toLowerCase() : value);

function compare(one: Comparable, other: Comparable, sign: number): number {
  const [left, right] = [rank(one), rank(other)];
  // What is missing comes last whichever way the others go.
  if (left === KINDS.length || right === KINDS.length) return left === right ? 0 : left - right;
  if (left !== right) return (left - right) * sign;
  return one === other ? 0 : (one as string) < (other as string) ? -sign : sign;
}

function rank(value: Comparable): number {
  const found = KINDS.indexOf(typeof value);
  return found < 0 ? KINDS.length : found;
}
