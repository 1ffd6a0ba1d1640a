// What the reader may do with a task, as far as the page can tell; the engine judges.
import type { Task } from "../api/shapes.ts";

interface Reader {
  user: string;
  groups: string[];
  isOperator: boolean;
}

/** Whether it is offered to them, or theirs. */
export const mayWorkOn = (task: Task, { user, groups }: Reader): boolean =>
  task.assignee === user ||
  task.candidateUsers.includes(user) ||
  task.candidateGroups.some((group) => groups.includes(group));

export const mayAssign = (task: Task, reader: Reader): boolean => reader.isOperator || mayWorkOn(task, reader);

/** Who holds it hides it; anybody while nobody does; operators always. */
export const mayDefer = (task: Task, { user, isOperator }: Reader): boolean =>
  isOperator || task.assignee === null || task.assignee === user;
