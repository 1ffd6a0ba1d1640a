// What one can do with the task besides completing it.
import type { Action, Task } from "../api/shapes.ts";
import { openDefer } from "../dialogs/defer.tsx";
import { isPast } from "../state/clock.ts";
import { act, type Body, doing } from "../state/commands.ts";
import { session } from "../state/session.ts";
import { t, type Word } from "../words/words.ts";
import { refresh } from "./opened.ts";

export async function actOnOpened(task: Task, action: Action, body?: Body): Promise<void> {
  const found = await act(task, action, body);
  if (found) refresh(found);
}

export function Actions({ task }: { task: Task }) {
  if (task.state !== "open") return null;
  const mine = task.assignee === session.user;
  const deferred = task.followUpDate && !isPast(task.followUpDate);
  const disabled = doing.value.has(task.id) || Boolean(task.pending);
  const button = (word: Word, run: () => void, kind = "") => (
    <button type="button" class={kind} disabled={disabled} onClick={run}>
      {t(word)}
    </button>
  );
  return (
    <p class="actions">
      {!task.assignee && button("task.claim", () => actOnOpened(task, "claim"), "primary")}
      {mine && button("task.unclaim", () => actOnOpened(task, "unclaim"))}
      {deferred
        ? button("task.undefer", () => actOnOpened(task, "undefer"))
        : button("task.defer", () => openDefer((followUpDate) => actOnOpened(task, "defer", { followUpDate })))}
      {task.formUrl && (
        <a class="button" href={task.formUrl} target="_blank" rel="noopener noreferrer">
          {t("task.own_form")}
        </a>
      )}
    </p>
  );
}
