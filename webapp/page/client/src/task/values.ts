// What a value of some data is, and how it is said in the reader's language.
import type { Json, Values } from "../api/shapes.ts";

export type Kind =
  | "empty"
  | "boolean"
  | "number"
  | "day"
  | "moment"
  | "link"
  | "mail"
  | "text"
  | "inline"
  | "table"
  | "list"
  | "group";

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/;
const MAIL = /^[^\s@<>"]{1,64}@[^\s@<>"]+\.[^\s@<>".]+$/;
const COLUMNS = 8;
const INLINE = 12;
const SHORT = 40;

export const isScalar = (value: Json | undefined): boolean => typeof value !== "object" || value === null;
export const isGroup = (value: Json | undefined): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function kindOf(value: Json | undefined): Kind {
  if (value === null || value === undefined) return "empty";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") return "number";
  if (typeof value === "string") return kindOfText(value);
  if (Array.isArray(value)) return kindOfList(value);
  return Object.keys(value).length ? "group" : "empty";
}

function kindOfText(text: string): Kind {
  if (!text.trim()) return "empty";
  if (DAY.test(text) && isDay(text)) return "day";
  if (MOMENT.test(text) && !Number.isNaN(Date.parse(text))) return "moment";
  if (/^https?:\/\/\S+$/i.test(text) && URL.canParse(text)) return "link";
  return text.length <= 254 && MAIL.test(text) ? "mail" : "text";
}

// The 31st of a short month is read by `Date` as a day of the next.
const isDay = (text: string): boolean => {
  const found = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(found.getTime()) && found.toISOString().startsWith(text);
};

function kindOfList(list: Json[]): Kind {
  if (!list.length) return "empty";
  if (list.every(isScalar)) return list.length <= INLINE && list.every(isShort) ? "inline" : "list";
  return columnsOf(list).length ? "table" : "list";
}

const isShort = (value: Json): boolean => typeof value !== "string" || value.length <= SHORT;

/** The columns of a list of alike objects; none where they are too many, too different or not flat. */
export function columnsOf(list: Json[]): string[] {
  const found = new Map<string, number>();
  for (const one of list) {
    if (!isGroup(one)) return [];
    for (const [name, value] of Object.entries(one)) {
      if (!isScalar(value)) return [];
      found.set(name, (found.get(name) ?? 0) + 1);
      if (found.size > COLUMNS) return [];
    }
  }
  const filled = [...found.values()].reduce((sum, count) => sum + count, 0);
  return filled * 2 >= found.size * list.length ? [...found.keys()] : [];
}

/** How many lines it takes when all of it is shown; counted up to `most` only. */
export function linesOf(value: Json, most: number): number {
  if (isScalar(value)) return 1;
  const kind = kindOf(value);
  if (kind === "inline" || kind === "empty") return 1;
  let lines = kind === "table" ? 1 : 0;
  for (const inner of Object.values(value as Values)) {
    lines += isGroup(inner) && kind === "table" ? 1 : linesOf(inner, most - lines);
    if (lines > most) return lines;
  }
  return lines + 1;
}

/** Whether every value of a column is a number, or empty. */
export const isNumeric = (list: Json[], column: string): boolean => {
  const kinds = list.map((one) => kindOf((one as Values)[column]));
  return kinds.includes("number") && kinds.every((kind) => kind === "number" || kind === "empty");
};

// What names a thing has no thousands.
const NAMES =
  /(^|[a-z_\s-])(id|ids|number|nummer|nr|no|year|jahr|zip|plz|code|key|phone)$|(Id|Number|Nr|No|Year|Code|Key)$/i;
const AMOUNTS = /(amount|price|total|sum|net|gross|cost|betrag|preis|summe)$/i;

/** A number as people write it; with its currency where one stands beside it. */
export function numberIn(locale: string, value: number, name = "", beside: Values = {}): string {
  const currency = beside.currency ?? beside.Currency;
  const isAmount = AMOUNTS.test(name) && typeof currency === "string" && /^[A-Z]{3}$/.test(currency);
  if (isAmount) return new Intl.NumberFormat(locale, { style: "currency", currency }).format(value);
  const useGrouping = NAMES.test(name) && Number.isInteger(value) ? false : "min2";
  return new Intl.NumberFormat(locale, { useGrouping, maximumFractionDigits: 15 }).format(value);
}

/** A date that has no time is the same day everywhere. */
export function dayIn(locale: string, iso: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));
}

/** What goes to the clipboard. */
export const copied = (value: Json): string =>
  typeof value === "string" ? value : isScalar(value) ? String(value ?? "") : JSON.stringify(value, null, 2);
