// Times, numbers and amounts as people say them, in the reader's language and time zone.
import { computed } from "@preact/signals";
import { now } from "../state/clock.ts";
import { firstWeekday, timeZone } from "../state/preferences.ts";
import { locale, spoken, t } from "./words.ts";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const MONDAY = 1;

const zone = computed(() => timeZone.value ?? undefined);
const relative = computed(
  () => new Intl.RelativeTimeFormat(spoken.value === "pseudo" ? "en" : spoken.value, { numeric: "auto" }),
);
const absolute = computed(
  () => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short", timeZone: zone.value }),
);
const days = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeZone: zone.value }));
const keys = computed(() => new Intl.DateTimeFormat("sv", { timeZone: zone.value }));

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
/** The date where the reader is, to compare and group by: `2026-02-28`. */
export const dayKey = (iso: string): string => keys.value.format(new Date(iso));

/** On which day a week begins, 0 for Sunday: as chosen, else as where the browser's language is spoken. */
export const weekStart = computed(() => {
  if (firstWeekday.value !== null) return firstWeekday.value;
  type Weeks = Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  const own = new Intl.Locale(typeof navigator === "undefined" ? "en" : navigator.language) as Weeks;
  return ((own.getWeekInfo?.() ?? own.weekInfo)?.firstDay ?? MONDAY) % 7;
});
