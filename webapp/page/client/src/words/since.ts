// Since when something is so: the time of day, "yesterday", or the date.
import { now } from "../state/clock.ts";
import { daysBetween } from "./days.ts";
import { day } from "./moments.ts";
import { locale, spoken } from "./words.ts";

/** For "since {when}". */
export function since(iso: string): string {
  const then = new Date(iso);
  const days = daysBetween(then.getTime(), now.value);
  if (days <= 0) return new Intl.DateTimeFormat(locale.value, { timeStyle: "short" }).format(then);
  const language = spoken.value === "pseudo" ? "en" : spoken.value;
  if (days === 1) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-1, "day");
  return day(iso);
}
