// Until when to hide a task.
import { useId, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { SubmitOrCancel } from "../parts/submit.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { locale, t, type Word } from "../words/words.ts";
import { local, morningIn, nextMonday } from "./ahead.ts";
import "./defer.css";

/** Asks, and tells the moment as the API wants it. */
export const openDefer = (chosen: (followUpDate: string) => void) => openDialog(() => <Defer chosen={chosen} />);

function Defer({ chosen }: { chosen: (followUpDate: string) => void }) {
  const [until, setUntil] = useState(local(morningIn(1)));
  const [isPast, setPast] = useState(false);
  const id = useId();
  const days: [Word, Date][] = [
    ["defer.tomorrow", morningIn(1)],
    ["defer.three_days", morningIn(3)],
    ["defer.monday", nextMonday()],
    ["defer.next_week", morningIn(7)],
  ];
  // On a Sunday Monday is tomorrow.
  const presets = days.filter(([, date], index) => days.findIndex(([, other]) => +other === +date) === index);
  const choose = (value: string) => {
    setUntil(value);
    setPast(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const when = new Date(until);
    if (!(when.getTime() > Date.now())) {
      setPast(true);
      document.getElementById(`${id}-until`)?.focus();
      return;
    }
    closeDialog();
    chosen(when.toISOString());
  };
  return (
    <Dialog title={t("defer.title")} close={closeDialog}>
      <form class="defer" noValidate onSubmit={submit}>
        <div class="presets">
          {presets.map(([word, date]) => (
            <button key={word} type="button" aria-pressed={until === local(date)} onClick={() => choose(local(date))}>
              <span>{t(word)}</span>
              <span class="quiet">{weekday(date)}</span>
            </button>
          ))}
        </div>
        <div class="field">
          <label for={`${id}-until`}>{t("defer.until")}</label>
          <input
            type="datetime-local"
            id={`${id}-until`}
            required
            aria-invalid={isPast}
            aria-describedby={`${id}-said`}
            value={until}
            onInput={(event) => choose(event.currentTarget.value)}
          />
          <p class={isPast ? "field-error" : "quiet"} id={`${id}-said`} role="status">
            {isPast ? t("defer.past") : until && whole(new Date(until))}
          </p>
        </div>
        <SubmitOrCancel label={t("defer.defer")} />
      </form>
    </Dialog>
  );
}

const weekday = (date: Date): string =>
  new Intl.DateTimeFormat(locale.value, { weekday: "short", day: "numeric", month: "short" }).format(date);
const whole = (date: Date): string =>
  Number.isNaN(date.getTime())
    ? ""
    : new Intl.DateTimeFormat(locale.value, { dateStyle: "full", timeStyle: "short" }).format(date);
