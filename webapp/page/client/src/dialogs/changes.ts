// Priority, due date and groups of one task or of several: what they have in common, and what is to be changed.
import type { Task } from "../api/shapes.ts";
import { clockText, readClock, type Zone } from "../words/zones.ts";

type Now = Pick<Task, "priority" | "dueDate" | "candidateGroups">;

/** What stands in the fields; empty is none. */
export interface Asked {
  priority: string;
  due: string;
  /** Between commas. */
  groups: string;
}

/** Of what is not the same for all: each keeps its own. */
export const OWN = "own";

export function commonOf(tasks: readonly Now[], zone: Zone): Asked {
  const same = (values: string[]) => (values.every((one) => one === values[0]) ? (values[0] ?? "") : OWN);
  return {
    priority: same(tasks.map(({ priority }) => String(priority ?? ""))),
    due: same(tasks.map(({ dueDate }) => (dueDate ? clockText(new Date(dueDate).getTime(), zone) : ""))),
    groups: same(tasks.map(({ candidateGroups }) => [...candidateGroups].sort().join(", "))),
  };
}

/** Nothing that stays as it is. */
export function changesOf(
  before: Asked,
  after: Asked,
  zone: Zone,
): { priority?: number | null; dueDate?: string | null; candidateGroups?: string[] } {
  const found: ReturnType<typeof changesOf> = {};
  const { priority, due, groups } = after;
  if (priority !== before.priority) found.priority = priority === "" ? null : Number(priority);
  if (due !== before.due) found.dueDate = due === "" ? null : new Date(readClock(due, zone)).toISOString();
  if (groups !== before.groups) found.candidateGroups = groups.split(",").flatMap((one) => one.trim() || []);
  return found;
}
