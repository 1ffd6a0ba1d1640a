// What one can do with the task besides completing it.
import type { Action, Task } from "../api/shapes.ts";
import { openAssign, openDelegate } from "../dialogs/assign.tsx";
import { openChange } from "../dialogs/change.tsx";
import { openDefer } from "../dialogs/defer.tsx";
import { isPast } from "../state/clock.ts";
import { act, type Body, doing } from "../state/commands.ts";
import { session } from "../state/session.ts";
import { t, type Word } from "../words/words.ts";
import { CopyButton } from "./copy.tsx";
import { keepFocus } from "./form_focus.ts";
import { linkTo } from "./link.ts";
import { refresh } from "./opened.ts";
import { askedBy, mayAssign, mayDefer, mayDelegate, mayOffer, mayWorkOn } from "./rights.ts";

// The second of a double click would hit what has come in the first one's place.
const CALM = 500;
let settled = 0;
const isEcho = (event: MouseEvent) => event.detail > 1 && Date.now() - settled < CALM;

/** Does it to the task that is shown; whether it was done. Raises what concerns fields, and what was not seen. */
export async function actOnOpened(task: Task, action: Action, body?: Body): Promise<boolean> {
  try {
    const found = await act(task, action, body, action === "complete");
    if (found) refresh(found);
    return found !== null;
  } finally {
    settled = Date.now();
    void keepFocus();
  }
}

export function Actions({ task }: { task: Task }) {
  return (
    <p class="actions task-actions">
      {task.state === "open" && <Deeds task={task} />}
      <CopyButton text={() => linkTo(task)} label={t("task.copy_link")} show={t("task.copy_link")} />
    </p>
  );
}

function Deeds({ task }: { task: Task }) {
  const mine = task.assignee === session.user;
  const deferred = task.followUpDate && !isPast(task.followUpDate);
  const flying = doing.value.get(task.id) ?? task.pending?.action;
  const run = (action: Action, body?: Body) => void actOnOpened(task, action, body).catch(() => {});
  // Not `disabled`: a button that is loses the focus.
  const button = (action: Action, word: Word, press: () => void, kind = "") => (
    <button
      key={action}
      type="button"
      class={flying === action ? `${kind} in-flight` : kind}
      aria-disabled={Boolean(flying)}
      onClick={(event) => flying || isEcho(event) || press()}
    >
      {t(word)}
    </button>
  );
  const asked = askedBy(task);
  return (
    <>
      {!task.suspended && (
        <>
          {!task.assignee && mayWorkOn(task, session) && button("claim", "task.claim", () => run("claim"), "primary")}
          {mine && asked && button("resolve", "task.resolve", () => run("resolve"), "primary")}
          {mine && !asked && button("unclaim", "task.unclaim", () => run("unclaim"))}
          {mayAssign(task, session) &&
            button("assign", "task.assign", () => openAssign([task], (assignee) => run("assign", { assignee })))}
          {mayDelegate(task, session) &&
            button("delegate", "task.delegate", () => openDelegate(task, (assignee) => run("delegate", { assignee })))}
        </>
      )}
      {mayDefer(task, session) &&
        (deferred
          ? button("undefer", "task.undefer", () => run("undefer"))
          : button("defer", "task.defer", () => openDefer((followUpDate) => run("defer", { followUpDate }))))}
      {(mayDefer(task, session) || mayOffer(session)) &&
        button("change", "task.change", () => openChange([task], (body) => run("change", body)))}
      {task.formUrl && (
        <a class="button" href={task.formUrl} target="_blank" rel="noopener noreferrer">
          {t("task.own_form")}
        </a>
      )}
    </>
  );
}
