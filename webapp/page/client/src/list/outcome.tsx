// What is asked before many tasks are completed, and what became of each where something failed.
import type { Task } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { type ManyAction, nameOf } from "../state/commands.ts";
import { closeDialog } from "../state/dialogs.ts";
import { t, type Word } from "../words/words.ts";
import { asks } from "./complete.ts";
import "./outcome.css";

interface Told {
  action: ManyAction;
  done: number;
  failed: Task[];
  told: ReadonlyMap<string, string | null>;
}

export function Outcome({ action, done, failed, told }: Told) {
  return (
    <Dialog
      title={t(action === "comment" ? "bulk.unsaid" : "bulk.failed", { n: failed.length })}
      close={closeDialog}
      kind="outcome"
    >
      {done > 0 && <p>{t(`bulk.partly.${action}` as Word, { n: done })}</p>}
      <ul class="outcome-list">
        {failed.map((task) => (
          <li key={task.id}>
            <b dir="auto">{nameOf(task)}</b>
            {task.businessKey && (
              <span class="quiet" dir="auto">
                {" "}
                {task.businessKey}
              </span>
            )}
            <p class="why">{told.get(task.id)}</p>
          </li>
        ))}
      </ul>
      <p class="quiet">{t("bulk.still_chosen")}</p>
      <p class="actions">
        <button type="button" class="primary" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}

const SHOWN = 6;

export function Confirm({ tasks, yes }: { tasks: Task[]; yes: () => void }) {
  const n = tasks.length;
  return (
    <Dialog title={t("bulk.complete_title", { n })} close={closeDialog} kind="outcome">
      <ul class="outcome-list">
        {tasks.slice(0, SHOWN).map((task) => (
          <li key={task.id} dir="auto">
            {nameOf(task)}
          </li>
        ))}
        {n > SHOWN && <li class="quiet">{t("bulk.and_more", { n: n - SHOWN })}</li>}
      </ul>
      <p class="quiet">
        {tasks.some(asks) && `${t("bulk.forms_empty")} `}
        {t("bulk.no_undo")}
      </p>
      <p class="actions">
        <button
          type="button"
          class="primary"
          onClick={() => {
            closeDialog();
            yes();
          }}
        >
          {t("bulk.complete_now", { n })}
        </button>
        <button type="button" onClick={closeDialog}>
          {t("cancel")}
        </button>
      </p>
    </Dialog>
  );
}
