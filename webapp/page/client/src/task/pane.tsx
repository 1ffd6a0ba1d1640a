// One task: what it is about, what one can do with it, what happened to it.
import type { Task } from "../api/shapes.ts";
import { TaskDiagram } from "../instances/task_diagram.tsx";
import { Due, Holder, Priority } from "../parts/badges.tsx";
import { nameOf } from "../state/commands.ts";
import { go, opened } from "../state/place.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { Actions } from "./actions.tsx";
import { Comments } from "./comments.tsx";
import { Data } from "./data.tsx";
import { Description } from "./description.tsx";
import { Details } from "./details.tsx";
import { About } from "./entries.tsx";
import { TaskForm } from "./form.tsx";
import { History } from "./history.tsx";
import { openTask } from "./opened.ts";
import { askedBy } from "./rights.ts";
import { Parent, Parts, Siblings } from "./siblings.tsx";
import "./pane.css";

export function TaskPane() {
  const task = openTask.value;
  return (
    <section id="pane" class="pane" aria-label={t("task")} tabIndex={-1}>
      {task ? <Whole key={task.id} task={task} /> : opened.value ? null : <Hint />}
    </section>
  );
}

function Whole({ task }: { task: Task }) {
  return (
    <>
      <Heading task={task} />
      <Held task={task} />
      <Actions task={task} />
      <Description text={task.description} />
      {task.partlySearched && <p class="quiet">{t("task.partly_searched")}</p>}
      <TaskForm task={task} />
      <Data task={task} />
      <About task={task} />
      <TaskDiagram task={task} />
      <Parent task={task} />
      <Parts task={task} />
      <Siblings task={task} />
      <Comments task={task} />
      <Details task={task} />
      <History task={task} />
    </>
  );
}

function Heading({ task }: { task: Task }) {
  return (
    <header class="pane-head">
      <BackToList />
      <p class="quiet" dir="auto">
        {[task.processName ?? task.application, task.businessKey].filter(Boolean).join(" · ")}
      </p>
      <h2 dir="auto">{nameOf(task)}</h2>
      <p class="facts">
        <Holder task={task} />
        <Due task={task} />
        <Priority value={task.priority} />
      </p>
    </header>
  );
}

// Why it cannot be completed just now, where that is not for the reader to change.
function Held({ task }: { task: Task }) {
  if (task.state !== "open") return null;
  const asked = askedBy(task);
  const who = task.assignee ?? t("somebody");
  return (
    <>
      {task.suspended && <p class="held-up">{t("task.suspended")}</p>}
      {task.excludedUsers.includes(session.user) && <p class="held-up">{t("task.excluded")}</p>}
      {asked && (
        <p class="held-up">
          {task.assignee === session.user
            ? t("task.asked_you", { who: asked })
            : t("task.asked", { who, owner: asked === session.user ? t("task.you") : asked })}
        </p>
      )}
    </>
  );
}

export function BackToList() {
  return (
    <button type="button" class="plain back" onClick={() => go({ task: null })} aria-label={t("task.back")}>
      ← {t("back")}
    </button>
  );
}

export function Hint() {
  const [before, after] = t("task.hint_keys").split("{key}");
  return (
    <div class="hint">
      <p>{t("task.hint")}</p>
      <p class="quiet">
        {before}
        <kbd>?</kbd>
        {after}
      </p>
    </div>
  );
}
