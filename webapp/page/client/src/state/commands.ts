// What is done to tasks: shown on the row at once, said when it is decided, and taken back within ten seconds.
import { signal } from "@preact/signals";
import { call, command, newKey, Problem, pause } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import type { Action, ProblemDocument, Task } from "../api/shapes.ts";
import { mayTakeBack } from "../task/rights.ts";
import { t, type Word } from "../words/words.ts";
import { isToCome } from "./deferred.ts";
import { list } from "./lists.ts";
import { session } from "./session.ts";
import { toast } from "./toasts.ts";

const PATIENCE = 60_000;

/** What this page does with which task just now. */
export const doing = signal<ReadonlyMap<string, Action>>(new Map());
/** Whether something waits for the connection. */
export const waits = signal(0);

const DONE: Record<Action, Word> = {
  claim: "done.claim",
  unclaim: "done.unclaim",
  complete: "done.complete",
  assign: "done.assign",
  delegate: "done.delegate",
  resolve: "done.resolve",
  defer: "done.defer",
  undefer: "done.undefer",
  change: "done.change",
};

/** What can be done to several. */
export type ManyAction = Action | "comment";

export interface Body {
  text?: string;
  variables?: unknown;
  assignee?: string | null;
  followUpDate?: string;
  priority?: number | null;
  dueDate?: string | null;
  candidateGroups?: string[];
}

/** What a task is called where it has no name. */
export const nameOf = (task: Task): string => task.name ?? task.taskDefinitionKey ?? t("task");

/**
 * Does it and says so; the task as it is then, or null after saying why not.
 *
 * One key for the whole attempt: repeats after a lost connection do nothing twice. A refusal with errors of fields is
 * raised as `Problem`, for the form to show; so is one of a task that is another by now, where it is to be done to what
 * the reader has seen only.
 */
export async function act(task: Task, action: Action, body?: Body, asSeen = false): Promise<Task | null> {
  if (doing.peek().has(task.id)) return null;
  const key = newKey();
  mark(task.id, action);
  list.expect(task.id);
  try {
    const headers = asSeen ? { "If-Match": `"${task.revision}"` } : undefined;
    const found = await patiently(() => command<Task>(ofTask(task.id, action), body, key, { headers }));
    if (found?.id === task.id) list.put(found);
    const who = body?.assignee ?? (action === "resolve" ? found.assignee : null) ?? t("nobody");
    toast(t(DONE[action], { name: nameOf(task), who }), "good", undoOf(task, action, body));
    return found;
  } catch (error) {
    if (error instanceof Problem && (error.document.errors || isStale(error))) throw error;
    toast(explain(error), "error");
    return null;
  } finally {
    unmark(task.id);
  }
}

/** What became of each of several, by id; null where all went well. */
export async function actOnAll(
  tasks: Task[],
  action: ManyAction,
  body: Body = {},
): Promise<Map<string, string | null>> {
  const told = new Map<string, string | null>();
  const key = newKey();
  for (const task of tasks) {
    if (action !== "comment") mark(task.id, action);
    list.expect(task.id);
  }
  try {
    const sent = { action, ids: tasks.map((task) => task.id), ...body };
    const headers = { Prefer: "wait=30", "Idempotency-Key": key };
    const asked = () =>
      call<{ items: { id: string; status: string; problem: ProblemDocument | null }[] }>("/tasks/bulk", {
        method: "POST",
        body: sent,
        headers,
      });
    const { body: found } = await patiently(asked);
    for (const item of found.items) {
      const bad = item.problem ? explain(new Problem(item.problem)) : null;
      told.set(item.id, bad ?? (item.status === "pending" || item.status === "accepted" ? null : t("failed")));
    }
  } catch (error) {
    for (const task of tasks) told.set(task.id, explain(error));
  } finally {
    for (const task of tasks) unmark(task.id);
  }
  return told;
}

/** Whether it was refused since the task is another than the one that was seen. */
export const isStale = (error: unknown): error is Problem =>
  error instanceof Problem && error.slug === "stale-revision";

/** Why something was refused, and what one can do. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return t("offline.given_up");
  const { document, slug } = error;
  if (slug === "claim-conflict") return t("refused.claim", { who: document.assignee ?? t("somebody") });
  if (slug === "already-completed") return t("refused.completed");
  if (slug === "suspended") return t("refused.suspended");
  if (slug === "delegated") return t("refused.delegated", { who: document.owner ?? t("somebody") });
  if (slug === "not-assignee") return t("refused.assignee");
  if (error.document.status === 404) return t("refused.gone");
  return error.message || t("failed");
}

// While the connection is away, for a minute.
async function patiently<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  const ends = Date.now() + PATIENCE;
  for (let delay = 500; ; delay = Math.min(delay * 2, 5000)) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Problem || Date.now() + delay > ends) throw error;
      waits.value += 1;
      await pause(delay);
      waits.value -= 1;
    }
  }
}

function undoOf(task: Task, action: Action, body: Body = {}): (() => void) | undefined {
  if (action === "claim") return () => void act(task, "unclaim");
  if (action === "defer") {
    const { followUpDate } = task;
    return () => void (isToCome(followUpDate) ? act(task, "defer", { followUpDate }) : act(task, "undefer"));
  }
  // Who has offered it to others may not see it any more.
  if (action === "change" && !body.candidateGroups) {
    return () => void act(task, "change", { priority: task.priority, dueDate: task.dueDate });
  }
  const isGiven = action === "assign" || (action === "delegate" && mayTakeBack(task, session));
  if (isGiven) return () => void act(task, "assign", { assignee: task.assignee });
  return undefined;
}

function mark(id: string, action: Action): void {
  doing.value = new Map(doing.value).set(id, action);
}

function unmark(id: string): void {
  const left = new Map(doing.value);
  left.delete(id);
  doing.value = left;
}
