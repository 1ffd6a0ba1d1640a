// What a reader has chosen for this browser: kept on the device, by user.
import { effect, type Signal, signal } from "@preact/signals";
import { session } from "./session.ts";

export type Theme = "system" | "light" | "dark" | "contrast";
export type Layout = "cards" | "table";
export type Language = "system" | "en" | "de" | "pseudo";

/** A value that outlives the page; what cannot be read any more is what it was at first. */
export function kept<Value>(name: string, first: Value, isSo: (value: unknown) => boolean): Signal<Value> {
  const key = `taskpool ${session.user} ${name}`;
  const found = signal(first);
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? "null");
    if (value !== null && isSo(value)) found.value = value;
  } catch {}
  effect(() => {
    try {
      localStorage.setItem(key, JSON.stringify(found.value));
    } catch {}
  });
  return found;
}

const oneOf = (names: readonly unknown[]) => (value: unknown) => names.includes(value);
const isTrueOrFalse = (value: unknown) => typeof value === "boolean";
const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
const isHour = (value: unknown) => /^([01]\d|2[0-3]):[0-5]\d$/.test(String(value));

/** Whether the browser knows a time zone of that name. */
export function isTimeZone(value: unknown): boolean {
  try {
    return typeof value === "string" && Boolean(new Intl.DateTimeFormat("en", { timeZone: value }));
  } catch {
    return false;
  }
}

export const theme = kept<Theme>("theme", "system", oneOf(["system", "light", "dark", "contrast"]));
export const language = kept<Language>("language", "system", oneOf(["system", "en", "de", "pseudo"]));
/** `null`: as wide as the screen allows. */
export const layout = kept<Layout | null>("layout", null, oneOf(["cards", "table"]));
/** `null`: as the browser's language has it; else 0 for Sunday, 1 for Monday, 6 for Saturday. */
export const firstWeekday = kept<number | null>("first weekday", null, oneOf([0, 1, 6]));
/** `null`: the browser's. */
export const timeZone = kept<string | null>("time zone", null, isTimeZone);
/** Whether the browser tells of what is assigned to the reader. */
export const notifies = kept("notifies", false, isTrueOrFalse);
/** Between these it does not; the same twice: never quiet. */
export const quietFrom = kept("quiet from", "20:00", isHour);
export const quietUntil = kept("quiet until", "07:00", isHour);
/** What was last chosen in the palette, newest first. */
export const recentChoices = kept<string[]>("recent choices", [], isTexts);
/** Processes that were last started, `application/key`, newest first. */
export const recentStarts = kept<string[]>("recent starts", [], isTexts);
export const tourSeen = kept("tour seen", false, isTrueOrFalse);

/** Puts one in front; the oldest go. */
export function remember(names: Signal<string[]>, name: string, most = 8): void {
  names.value = [name, ...names.value.filter((one) => one !== name)].slice(0, most);
}
/** Whether lists are under headings of days, the first due first. */
export const byDay = kept<boolean>("by day", false, (value) => typeof value === "boolean");
