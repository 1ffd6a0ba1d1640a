// Values as people write them, and as the server's grammar has them.
import { clockText, dayAt, endOf, readClock, startOf } from "../words/zones.ts";
import { isoDay, plusDays, readDays, sayDay } from "./days.ts";
import { isLiteral, plain, quoted, type Value } from "./grammar.ts";
import { isOwn, isPerson, type Known, type Vocabulary } from "./vocabulary.ts";

/** How the server's grammar says it. */
export const NOW = "now";
/** Where each band of priority ends. */
export const BAND_ENDS = [25, 50, 75] as const;
const TIME_OF_DAY = /^(.*?)[ T](\d{1,2}):(\d{2})(?::\d{2})?$/;

export const isTime = (one: Known): boolean => one.types.includes("time");
const isNumber = (one: Known) => one.types.includes("number");
const same = (a: string, b: string) => a.trim().toLocaleLowerCase() === b.toLocaleLowerCase();

/** First and last moment of what is said, as ISO 8601; null for what is no time. */
export function readSpan(text: string, words: Vocabulary): [string, string] | null {
  // The server knows the word: a filter that is kept means the moment at which it is asked.
  if (same(text, words.days.now)) return [NOW, NOW];
  const whole = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? new Date(text) : null;
  if (whole && !Number.isNaN(whole.getTime())) return [whole.toISOString(), whole.toISOString()];
  const { today, zone } = words;
  const days = readDays(text, today, words.days);
  if (days) return [isoOf(startOf(days[0], zone)), isoOf(endOf(days[1], zone))];
  const parts = TIME_OF_DAY.exec(text);
  const day = parts && readDays(parts[1]!, today, words.days);
  if (!day) return null;
  const at = readClock(`${isoDay(day[0])}T${parts[2]!.padStart(2, "0")}:${parts[3]}`, zone);
  return Number.isNaN(at) ? null : [isoOf(at), isoOf(at)];
}

const isoOf = (moment: number) => new Date(moment).toISOString();

/** Of a payload's text, which may hold a date: the day it begins with, and the one after it. */
export function readTextDays(text: string, words: Vocabulary): [string, string] | null {
  const days = readDays(text, words.today, words.days);
  return days && [isoDay(days[0]), isoDay(plusDays(days[1], 1))];
}

/** A moment as said: its day, and its time unless it is where the day begins or ends. */
export function sayMoment(iso: string, words: Vocabulary, edge: "start" | "end"): string {
  if (iso === NOW) return words.days.now;
  const { today, zone } = words;
  const moment = new Date(iso).getTime();
  if (Number.isNaN(moment)) return iso;
  const day = dayAt(moment, zone);
  const said = sayDay(day, today, words.days);
  if (moment === (edge === "start" ? startOf(day, zone) : endOf(day, zone))) return said;
  return `${said} ${clockText(moment, zone).slice(-5)}`;
}

/** The band (0 to 3) that a word names. */
export const bandOf = (text: string, words: Vocabulary): number => words.bands.findIndex((name) => same(text, name));
/** The least and the greatest priority of a band; the outer ends are open. */
export const bandEnds = (band: number): [number | null, number | null] => [
  band === 0 ? null : BAND_ENDS[band - 1]! + 1,
  band === 3 ? null : BAND_ENDS[band]!,
];

/** A value for an attribute; what does not fit is told by its kind. */
export function readValue(text: string, one: Known, words: Vocabulary): Value | "number" | "truth" {
  const marked = /^"(.*)"$/s.exec(text.trim());
  if (marked) return quoted(marked[1]!.replace(/\\(.)/gs, "$1"));
  const said = text.trim();
  if (isPerson(one.name) && same(said, words.me)) return asText(words.user, one);
  if (one.types.includes("boolean")) {
    if (same(said, words.yes) || said === "true") return plain("true");
    if (same(said, words.no) || said === "false") return plain("false");
    if (one.types.length === 1) return "truth";
  }
  if (isNumber(one)) {
    const number = readNumber(said, words.days.locale);
    if (number !== null) return plain(number);
    if (!one.types.includes("text")) return "number";
  }
  return asText(said, one);
}

/** The same as one writes it, in quotes where it would be read otherwise. */
export function sayValue(value: Value, one: Known, words: Vocabulary): string {
  const { text } = value;
  if (!value.quoted && one.types.includes("boolean")) {
    if (text === "true") return words.yes;
    if (text === "false") return words.no;
  }
  if (isPerson(one.name) && text === words.user) return words.me;
  const again = readValue(text, one, words);
  const differs =
    typeof again === "string" || again.text !== text || (isLiteral(text) && again.quoted !== value.quoted);
  const breaks = new RegExp(`\\s(?:${words.and}|${words.or})\\s|[,|"]|^\\s|\\s$|^$`, "i").test(text);
  return (differs && value.quoted) || breaks ? `"${text.replace(/[\\"]/g, "\\$&")}"` : text;
}

function asText(text: string, one: Known): Value {
  const mayBeText = !one.types.length && !isOwn(one.name);
  return isLiteral(text) && !mayBeText ? quoted(text) : plain(text);
}

function readNumber(text: string, locale: string): string | null {
  if (isLiteral(text) && !/[a-z]/i.test(text)) return text;
  const isComma = new Intl.NumberFormat(locale).format(1.5).includes(",");
  const pattern = isComma ? /^-?\d{1,3}(\.?\d{3})*(,\d+)?$/ : /^-?\d{1,3}(,?\d{3})*(\.\d+)?$/;
  if (!pattern.test(text)) return null;
  const bare = isComma ? text.replaceAll(".", "").replace(",", ".") : text.replaceAll(",", "");
  return isLiteral(bare) ? bare : null;
}
