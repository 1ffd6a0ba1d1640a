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

/** A copy in the order of `sort`, a comma list of paths, `-` before those that descend. */
export function inOrder(tasks: Task[], sort: string | null): Task[] {
  const keys = (sort || DEFAULT)
    .split(",")
    .map((key) => key.trim())
    .filter(Boolean);
  const paths = keys.map((key) => ({ path: key.replace(/^[-+]/, ""), sign: key.startsWith("-") ? -1 : 1 }));
  const made = new Map(tasks.map((task) => [task.id, paths.map(({ path }) => folded(valueAt(task, path)))]));
  return [...tasks].sort((one, other) => {
    const left = made.get(one.id)!;
    const right = made.get(other.id)!;
    for (const [index, { sign }] of paths.entries()) {
      const found = compare(left[index], right[index], sign);
      if (found) return found;
    }
    return one.id < other.id ? -1 : 1;
  });
}

const folded = (value: Json | undefined) => (typeof value === "string" ? value.normalize("NFKC").toLowerCase() : value);

function compare(one: Json | undefined, other: Json | undefined, sign: number): number {
  const [left, right] = [rank(one), rank(other)];
  // What is missing comes last whichever way the others go.
  if (left === KINDS.length || right === KINDS.length) return left === right ? 0 : left - right;
  if (left !== right) return (left - right) * sign;
  return one === other ? 0 : (one as string) < (other as string) ? -sign : sign;
}

function rank(value: Json | undefined): number {
  const found = KINDS.indexOf(typeof value);
  return found < 0 ? KINDS.length : found;
}
