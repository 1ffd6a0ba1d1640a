// How urgent tasks are, and when they are due.
import { useId, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { SubmitOrCancel } from "../parts/submit.tsx";
import type { Body } from "../state/commands.ts";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { zone } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { clockText, readClock } from "../words/zones.ts";
import "./defer.css";

/** By name, the number in the middle of each band. */
const BANDS: [number, Word][] = [
  [13, "priority.low"],
  [38, "priority.medium"],
  [63, "priority.high"],
  [88, "priority.critical"],
];

/** Asks, and tells what is to be changed; nothing that stays as it is. */
export const openChange = (now: { priority: number | null; dueDate: string | null }, chosen: (body: Body) => void) =>
  openDialog(() => <Change now={now} chosen={chosen} />);

interface Given {
  now: { priority: number | null; dueDate: string | null };
  chosen: (body: Body) => void;
}

function Change({ now, chosen }: Given) {
  const before = { priority: now.priority === null ? "" : String(now.priority), due: dueOf(now.dueDate) };
  const [priority, setPriority] = useState(before.priority);
  const [due, setDue] = useState(before.due);
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    const body: Body = {};
    if (priority !== before.priority) body.priority = priority === "" ? null : Number(priority);
    if (due !== before.due) body.dueDate = due === "" ? null : new Date(readClock(due, zone.peek())).toISOString();
    closeDialog();
    if (Object.keys(body).length) chosen(body);
  };
  return (
    <Dialog title={t("change.title")} close={closeDialog}>
      <form onSubmit={submit}>
        <div class="field">
          <label for={`${id}-priority`}>{t("change.priority")}</label>
          <select id={`${id}-priority`} value={priority} onChange={(event) => setPriority(event.currentTarget.value)}>
            <option value="">{t("change.none")}</option>
            {BANDS.map(([number, word]) => (
              <option key={number} value={String(number)}>
                {t(word)}
              </option>
            ))}
            {priority !== "" && !BANDS.some(([number]) => String(number) === priority) && (
              <option value={priority}>{t("priority.title", { n: Number(priority) })}</option>
            )}
          </select>
        </div>
        <div class="field">
          <label for={`${id}-due`}>{t("change.due")}</label>
          <input
            type="datetime-local"
            id={`${id}-due`}
            value={due}
            onInput={(event) => setDue(event.currentTarget.value)}
          />
        </div>
        <SubmitOrCancel label={t("change.change")} />
      </form>
    </Dialog>
  );
}

const dueOf = (iso: string | null) => (iso ? clockText(new Date(iso).getTime(), zone.peek()) : "");
