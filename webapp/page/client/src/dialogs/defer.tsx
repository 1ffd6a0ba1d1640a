// Until when to hide a task.
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { t, type Word } from "../words/words.ts";

const DAY = 86_400_000;
const MORNING = 8;

/** Asks, and tells the moment as the API wants it. */
export const openDefer = (chosen: (followUpDate: string) => void) => openDialog(() => <Defer chosen={chosen} />);

function Defer({ chosen }: { chosen: (followUpDate: string) => void }) {
  const [until, setUntil] = useState(local(inDays(1)));
  const presets: [Word, Date][] = [
    ["defer.tomorrow", inDays(1)],
    ["defer.three_days", inDays(3)],
    ["defer.monday", nextMonday()],
    ["defer.next_week", inDays(7)],
  ];
  const submit = (event: Event) => {
    event.preventDefault();
    closeDialog();
    chosen(new Date(until).toISOString());
  };
  return (
    <Dialog title={t("defer.title")} close={closeDialog}>
      <form onSubmit={submit}>
        <p class="actions">
          {presets.map(([word, date]) => (
            <button key={word} type="button" onClick={() => setUntil(local(date))}>
              {t(word)}
            </button>
          ))}
        </p>
        <div class="field">
          <label for="defer-until">{t("defer.until")}</label>
          <input
            type="datetime-local"
            id="defer-until"
            required
            value={until}
            onInput={(event) => setUntil(event.currentTarget.value)}
          />
        </div>
        <p class="actions">
          <button type="submit" class="primary">
            {t("defer.defer")}
          </button>
          <button type="button" onClick={closeDialog}>
            {t("cancel")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

function inDays(days: number): Date {
  const found = new Date(Date.now() + days * DAY);
  found.setHours(MORNING, 0, 0, 0);
  return found;
}

const nextMonday = () => inDays((8 - new Date().getDay()) % 7 || 7);
const local = (date: Date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
