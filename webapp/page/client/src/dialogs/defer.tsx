// Until when to hide a task.
import { useId, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { SubmitOrCancel } from "../parts/submit.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { weekStart, zone } from "../words/moments.ts";
import { locale, t, type Word } from "../words/words.ts";
import { clockText, readClock } from "../words/zones.ts";
import { morningIn, nextWeek } from "./ahead.ts";
import "./defer.css";

/** Asks, and tells the moment as the API wants it. */
export const openDefer = (chosen: (followUpDate: string) => void) => openDialog(() => <Defer chosen={chosen} />);

function Defer({ chosen }: { chosen: (followUpDate: string) => void }) {
  const [until, setUntil] = useState(fieldOf(morningIn(1, zone.peek())));
  const [isPast, setPast] = useState(false);
  const id = useId();
  const days: [Word, number][] = [
    ["defer.tomorrow", morningIn(1, zone.value)],
    ["defer.three_days", morningIn(3, zone.value)],
    ["defer.next_week", nextWeek(weekStart.value, zone.value)],
    ["defer.in_a_week", morningIn(7, zone.value)],
  ];
  // On the last day of a week the next one is tomorrow, on its first it is in a week.
  const presets = days.filter(([, at], index) => days.findIndex(([, other]) => other === at) === index);
  const choose = (value: string) => {
    setUntil(value);
    setPast(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const when = readClock(until, zone.peek());
    if (!(when > Date.now())) {
      setPast(true);
      document.getElementById(`${id}-until`)?.focus();
      return;
    }
    closeDialog();
    chosen(new Date(when).toISOString());
  };
  return (
    <Dialog title={t("defer.title")} close={closeDialog}>
      <form class="defer" noValidate onSubmit={submit}>
        <div class="presets">
          {presets.map(([word, at]) => (
            <button key={word} type="button" aria-pressed={until === fieldOf(at)} onClick={() => choose(fieldOf(at))}>
              <span>{t(word)}</span>
              <span class="quiet">{weekday(at)}</span>
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
            {isPast ? t("defer.past") : whole(readClock(until, zone.value))}
          </p>
        </div>
        <SubmitOrCancel label={t("defer.defer")} />
      </form>
    </Dialog>
  );
}

const fieldOf = (at: number): string => clockText(at, zone.peek());
const said = (at: number, how: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat(locale.value, { ...how, timeZone: zone.value }).format(at);
const weekday = (at: number): string => said(at, { weekday: "short", day: "numeric", month: "short" });
const whole = (at: number): string => (Number.isNaN(at) ? "" : said(at, { dateStyle: "full", timeStyle: "short" }));
