// Since when something is so: the time of day, "yesterday", or the date.
import { now } from "../state/clock.ts";
import { daysBetween } from "./days.ts";
import { day, timeOfDay, zone } from "./moments.ts";
import { spoken } from "./words.ts";

/** For "since {when}". */
export function since(iso: string): string {
  const days = daysBetween(new Date(iso).getTime(), now.value, zone.value);
  if (days <= 0) return timeOfDay(iso);
  const language = spoken.value === "pseudo" ? "en" : spoken.value;
  if (days === 1) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-1, "day");
  return day(iso);
}
