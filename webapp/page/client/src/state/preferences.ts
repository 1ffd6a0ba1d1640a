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

const oneOf = (names: readonly string[]) => (value: unknown) => names.includes(value as string);

export const theme = kept<Theme>("theme", "system", oneOf(["system", "light", "dark", "contrast"]));
export const language = kept<Language>("language", "system", oneOf(["system", "en", "de", "pseudo"]));
/** `null`: as wide as the screen allows. */
export const layout = kept<Layout | null>("layout", null, oneOf(["cards", "table"]));
/** Whether lists are under headings of days, the first due first. */
export const byDay = kept<boolean>("by day", false, (value) => typeof value === "boolean");
