// Where an instance stands: by its activities, or by those of its tasks that the reader may see.
import type { Task } from "../api/shapes.ts";
import type { Activity, Kind } from "./shapes.ts";

export interface Stand {
  element: string;
  name: string | null;
  kind: Kind;
  since: string | null;
  who: string | null;
  groups: string[];
  taskId: string | null;
  called: string | null;
}

export const standOf = (one: Activity): Stand => ({
  element: one.element,
  name: one.name,
  kind: one.incident ? "incident" : one.type,
  since: one.since,
  who: one.assignee ?? null,
  groups: one.candidateGroups ?? [],
  taskId: one.taskId,
  called: one.calledInstanceId,
});

export const standOfTask = (task: Task): Stand => ({
  element: task.taskDefinitionKey ?? "",
  name: task.name ?? task.taskDefinitionKey,
  kind: "userTask",
  since: task.createTime,
  who: task.assignee,
  groups: task.candidateGroups,
  taskId: task.id,
  called: null,
});

// What has stopped before what people do, and that before what goes on by itself.
const ORDER: Kind[] = ["incident", "userTask", "callActivity", "job", "task", "message", "signal", "condition"];
const rank = (kind: Kind) => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);

/** The order in which they matter to people; a part that only holds others is left out. */
export const sorted = (stands: readonly Stand[]): Stand[] =>
  stands.filter((one) => one.kind !== "subProcess").sort((one, other) => rank(one.kind) - rank(other.kind));

/** Those of several instances, by the engine's id of each. */
export function byInstance(tasks: readonly Task[]): Map<string, Stand[]> {
  const found = new Map<string, Stand[]>();
  for (const task of tasks) {
    const id = task.processInstanceId!;
    found.set(id, [...(found.get(id) ?? []), standOfTask(task)]);
  }
  return found;
}
