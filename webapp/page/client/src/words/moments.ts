// Times, numbers and amounts as people say them, in the reader's language and time zone.
import { computed } from "@preact/signals";
import { now } from "../state/clock.ts";
import { firstWeekday, timeZone } from "../state/preferences.ts";
import { locale, spoken, t } from "./words.ts";
import { dayAt, type Zone } from "./zones.ts";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const MONDAY = 1;

/** The reader's: as chosen, else the browser's. */
export const zone = computed((): Zone => timeZone.value ?? undefined);
/** The day it is there. */
export const today = computed(() => dayAt(now.value, zone.value));
const relative = computed(
  () => new Intl.RelativeTimeFormat(spoken.value === "pseudo" ? "en" : spoken.value, { numeric: "auto" }),
);
const absolute = computed(
  () => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short", timeZone: zone.value }),
);
const times = computed(() => new Intl.DateTimeFormat(locale.value, { timeStyle: "short", timeZone: zone.value }));
const days = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeZone: zone.value }));

/** "in 3 days", "yesterday". */
export function ago(iso: string): string {
  const seconds = (new Date(iso).getTime() - now.value) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.value.format(Math.round(seconds / length), unit);
  }
  return t("moment.now");
}

/** Date and time. */
export const exact = (iso: string): string => absolute.value.format(new Date(iso));
/** The date only. */
export const day = (iso: string): string => days.value.format(new Date(iso));
/** The time of day only. */
export const timeOfDay = (iso: string): string => times.value.format(new Date(iso));

/** On which day a week begins, 0 for Sunday: as chosen, else as where the browser's language is spoken. */
export const weekStart = computed(() => {
  if (firstWeekday.value !== null) return firstWeekday.value;
  type Weeks = Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  const own = new Intl.Locale(typeof navigator === "undefined" ? "en" : navigator.language) as Weeks;
  return ((own.getWeekInfo?.() ?? own.weekInfo)?.firstDay ?? MONDAY) % 7;
});
