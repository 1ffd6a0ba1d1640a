// What the reader may do with a task, as far as the page can tell; the engine judges.
import type { Task } from "../api/shapes.ts";

interface Reader {
  user: string;
  groups: string[];
  isOperator: boolean;
}

/** Whether it is offered to them, or theirs. */
export const mayWorkOn = (task: Task, { user, groups }: Reader): boolean =>
  !task.excludedUsers.includes(user) &&
  (task.assignee === user ||
    task.candidateUsers.includes(user) ||
    task.candidateGroups.some((group) => groups.includes(group)));

/** Whoever may claim it gives it to themselves by that. */
export const mayAssign = (task: Task, reader: Reader & { assigners: string[] }): boolean =>
  reader.isOperator ||
  task.assignee === reader.user ||
  (reader.assigners.length ? reader.assigners.some((one) => reader.groups.includes(one)) : mayWorkOn(task, reader));

/** Others get to read it by that. */
export const mayOffer = ({ isOperator, assigners, groups }: Reader & { assigners: string[] }): boolean =>
  isOperator || assigners.some((one) => groups.includes(one));

/** Whose it is that somebody else has been asked to do. */
export const askedBy = ({ delegationState, owner, assignee }: Task): string | null =>
  delegationState === "PENDING" && owner !== assignee ? owner : null;

/** Whether it is theirs to ask somebody else to do. */
export const mayDelegate = (task: Task, { user }: { user: string }): boolean =>
  task.assignee === user && !task.suspended && !askedBy(task);

/** Whether who has it could take it back after delegating it: it is offered to them, and nobody else owns it. */
export const mayTakeBack = (task: Task, reader: Reader & { assigners: string[] }): boolean =>
  task.assignee !== null && [null, task.assignee].includes(task.owner) && mayAssign({ ...task, assignee: "" }, reader);

/** Whether it is theirs to complete, now. */
export const mayComplete = (task: Task, { user }: { user: string }): boolean =>
  task.assignee === user && !task.suspended && !askedBy(task);

/** Who holds it hides it; anybody while nobody does; operators always. */
export const mayDefer = (task: Task, { user, isOperator }: Reader): boolean =>
  isOperator || task.assignee === null || task.assignee === user;
