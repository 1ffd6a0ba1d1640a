// How urgent tasks are, when they are due, and to whom they are offered.
import { useId, useState } from "preact/hooks";
import type { Task } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { SubmitOrCancel } from "../parts/submit.tsx";
import type { Body } from "../state/commands.ts";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { session } from "../state/session.ts";
import { mayOffer } from "../task/rights.ts";
import { zone } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { type Asked, changesOf, commonOf, OWN } from "./changes.ts";
import "./defer.css";

/** By name, the number in the middle of each band. */
const BANDS: [number, Word][] = [
  [13, "priority.low"],
  [38, "priority.medium"],
  [63, "priority.high"],
  [88, "priority.critical"],
];

/** Asks, and tells what is to be changed; nothing that stays as it is. */
export function openChange(tasks: Task[], chosen: (body: Body) => void): void {
  const before = commonOf(tasks, zone.peek());
  openDialog(() => <Change n={tasks.length} before={before} chosen={chosen} />);
}

interface Given {
  n: number;
  before: Asked;
  chosen: (body: Body) => void;
}

function Change({ n, before, chosen }: Given) {
  const [priority, setPriority] = useState(before.priority);
  const [due, setDue] = useState(before.due);
  const [groups, setGroups] = useState(before.groups);
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    const body = changesOf(before, { priority, due, groups }, zone.peek());
    closeDialog();
    if (Object.keys(body).length) chosen(body);
  };
  return (
    <Dialog title={t("change.title", { n })} close={closeDialog}>
      <form onSubmit={submit}>
        <div class="field">
          <label for={`${id}-priority`}>{t("change.priority")}</label>
          <select id={`${id}-priority`} value={priority} onChange={(event) => setPriority(event.currentTarget.value)}>
            {before.priority === OWN && <option value={OWN}>{t("change.own")}</option>}
            <option value="">{t("change.none")}</option>
            {BANDS.map(([number, word]) => (
              <option key={number} value={String(number)}>
                {t(word)}
              </option>
            ))}
            {priority !== "" && priority !== OWN && !BANDS.some(([number]) => String(number) === priority) && (
              <option value={priority}>{t("priority.title", { n: Number(priority) })}</option>
            )}
          </select>
        </div>
        <div class="field">
          <label for={`${id}-due`}>{t("change.due")}</label>
          <input
            type="datetime-local"
            id={`${id}-due`}
            aria-describedby={before.due === OWN ? `${id}-own` : undefined}
            value={due === OWN ? "" : due}
            onInput={(event) => setDue(event.currentTarget.value)}
          />
          {before.due === OWN && (
            <p class="quiet" id={`${id}-own`} role="status">
              {due === OWN ? t("change.due_own") : due === "" ? t("change.due_none") : ""}{" "}
              {due !== "" && (
                <button type="button" class="more" onClick={() => setDue("")}>
                  {t("change.no_due")}
                </button>
              )}
            </p>
          )}
        </div>
        {mayOffer(session) && (
          <div class="field">
            <label for={`${id}-groups`}>{t("change.groups")}</label>
            <input
              id={`${id}-groups`}
              dir="auto"
              autocomplete="off"
              aria-describedby={`${id}-commas`}
              placeholder={groups === OWN ? t("change.own") : undefined}
              value={groups === OWN ? "" : groups}
              onInput={({ currentTarget: { value } }) => setGroups(value || (before.groups === OWN ? OWN : ""))}
            />
            <p class="quiet" id={`${id}-commas`}>
              {t("change.commas")}
            </p>
          </div>
        )}
        <SubmitOrCancel label={t("change.change")} />
      </form>
    </Dialog>
  );
}
