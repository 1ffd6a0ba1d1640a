// Days and times of day as the clocks of a time zone show them, whatever the zone of the browser is.

/** By name, `Europe/Zurich`; undefined is the browser's. */
export type Zone = string | undefined;

export const DAY = 86_400_000;
const SECOND = 1000;
const clocks = new Map<Zone, Intl.DateTimeFormat>();

/** What clocks there show at a moment, as the moment it would be if they showed UTC. */
export function shownAt(moment: number, zone: Zone): number {
  if (Number.isNaN(moment)) return moment;
  const at: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(moment)) at[type] = Number(value);
  const whole = Date.UTC(at.year!, at.month! - 1, at.day, at.hour, at.minute, at.second);
  return whole + (((moment % SECOND) + SECOND) % SECOND);
}

/** When they show that: the first time of two, and as much later as they are put forward where they never do. */
export function momentOf(shown: number, zone: Zone): number {
  const by = (near: number) => shown - (shownAt(near, zone) - near);
  const [before, after] = [by(shown - DAY), by(shown + DAY)];
  return shownAt(before, zone) !== shown && shownAt(after, zone) === shown ? after : before;
}

/** The day that it is there, as the midnight of UTC that begins it. */
export const dayAt = (moment: number, zone: Zone): number => Math.floor(shownAt(moment, zone) / DAY) * DAY;
/** First and last moment of a day there: it may have 23 or 25 hours. */
export const startOf = (day: number, zone: Zone): number => momentOf(day, zone);
export const endOf = (day: number, zone: Zone): number => momentOf(day + DAY, zone) - 1;
/** 0 is Sunday. */
export const weekdayOf = (day: number): number => new Date(day).getUTCDay();
/** The day that begins its week, where weeks begin on `first`. */
export const weekOf = (day: number, first: number): number => day - ((weekdayOf(day) - first + 7) % 7) * DAY;

/** `2026-03-29T08:00`, as a field for date and time has it; empty for what is no moment. */
export function clockText(moment: number, zone: Zone): string {
  const shown = new Date(shownAt(moment, zone));
  return Number.isNaN(shown.getTime()) ? "" : shown.toISOString().slice(0, 16);
}

/** The moment that such a text means there; NaN for what is none. */
export const readClock = (text: string, zone: Zone): number => momentOf(Date.parse(`${text}Z`), zone);

function clockOf(zone: Zone): Intl.DateTimeFormat {
  const found = clocks.get(zone);
  if (found) return found;
  const numeric = "numeric";
  const made = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
    timeZone: zone,
    hourCycle: "h23",
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  });
  clocks.set(zone, made);
  return made;
}
