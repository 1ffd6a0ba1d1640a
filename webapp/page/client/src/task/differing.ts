// What of a task is another than it was when somebody looked at it.
import type { Task } from "../api/shapes.ts";
import { fieldsOf, isSame } from "./form_values.ts";

const FIELDS = [
  "name",
  "description",
  "assignee",
  "owner",
  "priority",
  "dueDate",
  "followUpDate",
  "businessKey",
  "candidateGroups",
  "candidateUsers",
] as const;

export interface Differing {
  /** Fields of the task, by name. */
  fields: (typeof FIELDS)[number][];
  /** Of its data, as the form calls it where it asks for it. */
  data: string[];
}

export function differing(seen: Task, now: Task): Differing {
  const labels = new Map(fieldsOf(now).map(({ id, label }) => [id, label || id]));
  const [before, after] = [seen.payload ?? {}, now.payload ?? {}];
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return {
    fields: FIELDS.filter((name) => !isSame(seen[name], now[name])),
    data: names.filter((name) => !isSame(before[name], after[name])).map((name) => labels.get(name) ?? name),
  };
}
