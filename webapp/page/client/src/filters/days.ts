// Days as people say them, and the moments they begin and end at in the reader's time zone.

export interface DayWords {
  today: string;
  tomorrow: string;
  yesterday: string;
  /** "in {n} days", as two words around a number. */
  inDays: RegExp;
  ago: RegExp;
  nextWeek: string;
  thisWeek: string;
  now: string;
  locale: string;
}

const DAY_MS = 86_400_000;

/** Midnight of the day some days from another. */
export const plusDays = (date: Date, days: number): Date =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);
export const endOf = (day: Date): Date => new Date(plusDays(day, 1).getTime() - 1);
/** "2026-11-29" in the reader's time zone. */
export const isoDay = (date: Date): string =>
  `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
const fold = (text: string) => text.trim().toLocaleLowerCase().replace(/\.$/, "");

/** First and last day of what is said ("Friday", "next week", "2026-12-24", "24.12."); null for what is no day. */
export function readDays(said: string, now: Date, words: DayWords): [Date, Date] | null {
  const text = fold(said);
  const today = plusDays(now, 0);
  const one = (day: Date): [Date, Date] => [day, day];
  const days: Record<string, number> = { [words.today]: 0, [words.tomorrow]: 1, [words.yesterday]: -1 };
  for (const [word, by] of Object.entries(days)) if (text === fold(word)) return one(plusDays(today, by));
  const later = words.inDays.exec(text);
  if (later) return one(plusDays(today, Number(later[1])));
  const before = words.ago.exec(text);
  if (before) return one(plusDays(today, -Number(before[1])));
  const monday = plusDays(today, -((today.getDay() + 6) % 7));
  if (text === fold(words.thisWeek)) return [monday, plusDays(monday, 6)];
  if (text === fold(words.nextWeek)) return [plusDays(monday, 7), plusDays(monday, 13)];
  const weekday = weekdays(words.locale).findIndex((names) => names.some((name) => fold(name) === text));
  if (weekday >= 0) return one(plusDays(today, (weekday - today.getDay() + 7) % 7));
  const date = readDate(text, now);
  return date && one(date);
}

/** A date with year, month and day in the order it can only be, or by ISO 8601. */
function readDate(text: string, now: Date): Date | null {
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text);
  if (iso) return dateOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const local = /^(\d{1,2})\.\s?(\d{1,2})(?:\.\s?(\d{4})?)?$/.exec(text);
  if (!local) return null;
  return dateOf(local[3] ? Number(local[3]) : now.getFullYear(), Number(local[2]), Number(local[1]));
}

function dateOf(year: number, month: number, day: number): Date | null {
  const found = new Date(year, month - 1, day);
  return found.getMonth() === month - 1 && found.getDate() === day ? found : null;
}

/** A day as one says it near today, else as a date. */
export function sayDay(day: Date, now: Date, words: DayWords): string {
  const away = Math.round((plusDays(day, 0).getTime() - plusDays(now, 0).getTime()) / DAY_MS);
  if (away === 0) return words.today;
  if (away === 1) return words.tomorrow;
  if (away === -1) return words.yesterday;
  if (away > 1 && away < 7) return weekdays(words.locale)[day.getDay()]![0]!;
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
