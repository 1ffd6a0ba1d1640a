// Times, numbers and amounts as people say them, in the reader's language and time zone.
import { computed } from "@preact/signals";
import { now } from "../state/clock.ts";
import { locale, spoken, t } from "./words.ts";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const relative = computed(
  () => new Intl.RelativeTimeFormat(spoken.value === "pseudo" ? "en" : spoken.value, { numeric: "auto" }),
);
const absolute = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }));
const days = computed(() => new Intl.DateTimeFormat(locale.value, { dateStyle: "medium" }));

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
