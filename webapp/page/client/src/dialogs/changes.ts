// Priority and due date of one task or of several: what they have in common, and what is to be changed.
import type { Task } from "../api/shapes.ts";
import { clockText, readClock, type Zone } from "../words/zones.ts";

type Now = Pick<Task, "priority" | "dueDate">;

/** What stands in the fields; empty is none. */
export interface Asked {
  priority: string;
  due: string;
}

/** Of what is not the same for all: each keeps its own. */
export const OWN = "own";

export function commonOf(tasks: readonly Now[], zone: Zone): Asked {
  const same = (values: string[]) => (values.every((one) => one === values[0]) ? (values[0] ?? "") : OWN);
  return {
    priority: same(tasks.map(({ priority }) => String(priority ?? ""))),
    due: same(tasks.map(({ dueDate }) => (dueDate ? clockText(new Date(dueDate).getTime(), zone) : ""))),
  };
}

/** Nothing that stays as it is. */
export function changesOf(
  before: Asked,
  after: Asked,
  zone: Zone,
): { priority?: number | null; dueDate?: string | null } {
  const found: ReturnType<typeof changesOf> = {};
  const { priority, due } = after;
  if (priority !== before.priority) found.priority = priority === "" ? null : Number(priority);
  if (due !== before.due) found.dueDate = due === "" ? null : new Date(readClock(due, zone)).toISOString();
  return found;
}
