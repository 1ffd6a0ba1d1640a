// Days as people say them. A day is the midnight of UTC that begins it: which moments that is, its zone says.

import { DAY, weekdayOf, weekOf } from "../words/zones.ts";

export interface DayWords {
  today: string;
  tomorrow: string;
  yesterday: string;
  /** "in {n} days", as two words around a number. */
  inDays: RegExp;
  ago: RegExp;
  nextWeek: string;
  thisWeek: string;
  /** On which day a week begins, 0 for Sunday. */
  weekStart: number;
  now: string;
  locale: string;
}

export const plusDays = (day: number, days: number): number => day + days * DAY;
/** "2026-11-29" */
export const isoDay = (day: number): string => new Date(day).toISOString().slice(0, 10);
const fold = (text: string) => text.trim().toLocaleLowerCase().replace(/\.$/, "");

/** First and last day of what is said ("Friday", "next week", "2026-12-24", "24.12."); null for what is no day. */
export function readDays(said: string, today: number, words: DayWords): [number, number] | null {
  const text = fold(said);
  const one = (day: number): [number, number] => [day, day];
  const days: Record<string, number> = { [words.today]: 0, [words.tomorrow]: 1, [words.yesterday]: -1 };
  for (const [word, by] of Object.entries(days)) if (text === fold(word)) return one(plusDays(today, by));
  const later = words.inDays.exec(text);
  if (later) return one(plusDays(today, Number(later[1])));
  const before = words.ago.exec(text);
  if (before) return one(plusDays(today, -Number(before[1])));
  const week = weekOf(today, words.weekStart);
  if (text === fold(words.thisWeek)) return [week, plusDays(week, 6)];
  if (text === fold(words.nextWeek)) return [plusDays(week, 7), plusDays(week, 13)];
  const weekday = weekdays(words.locale).findIndex((names) => names.some((name) => fold(name) === text));
  if (weekday >= 0) return one(plusDays(today, (weekday - weekdayOf(today) + 7) % 7));
  const date = readDate(text, today);
  return date === null ? null : one(date);
}

/** A date with year, month and day in the order it can only be, or by ISO 8601. */
function readDate(text: string, today: number): number | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso) return dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const local = /^(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4})?)?$/.exec(text);
  if (!local) return null;
  return dateOf(local[3] ? Number(local[3]) : new Date(today).getUTCFullYear(), Number(local[2]), Number(local[1]));
}

function dateOf(year: number, month: number, day: number): number | null {
  const found = new Date(Date.UTC(year, month - 1, day));
  return found.getUTCMonth() === month - 1 && found.getUTCDate() === day ? found.getTime() : null;
}

/** A day as one says it near today, else as a date. */
export function sayDay(day: number, today: number, words: DayWords): string {
  const away = (day - today) / DAY;
  if (away === 0) return words.today;
  if (away === 1) return words.tomorrow;
  if (away === -1) return words.yesterday;
  if (away > 1 && away < 7) return weekdays(words.locale)[weekdayOf(day)]![0]!;
  return isoDay(day);
}

const names = new Map<string, string[][]>();

/** Long and short, from Sunday on. */
export function weekdays(locale: string): string[][] {
  const found = names.get(locale);
  if (found) return found;
  const made = [0, 1, 2, 3, 4, 5, 6].map((day) =>
    (["long", "short"] as const).map((weekday) =>
      new Intl.DateTimeFormat(locale, { weekday, timeZone: "UTC" }).format(Date.UTC(2023, 0, 1 + day)),
    ),
  );
  names.set(locale, made);
  return made;
}
