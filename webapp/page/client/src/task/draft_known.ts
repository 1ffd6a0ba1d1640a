// Whether a task on the screen is known to have no draft of the reader's: then none is asked for.
import type { Task } from "../api/shapes.ts";

/** What is known after news of the task; undefined where one may have been made meanwhile, on another device. */
export function draftAfter(shown: Task, news: Task, me: string, isOwn: boolean): Task["draft"] {
  if (news.draft !== undefined) return news.draft;
  if (news.revision === shown.revision) return shown.draft;
  // Only who has a task fills in its form; what was claimed elsewhere may have been begun there before it is told here.
  const mayBeBegun = shown.assignee === me || (news.assignee === me && !isOwn);
  return mayBeBegun || news.revision > shown.revision + 1 ? undefined : shown.draft;
}
