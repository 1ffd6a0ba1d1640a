// A filter of the server's grammar in words.
import type { Filter } from "../api/shapes.ts";
import { endOf, startOf, weekOf } from "../words/zones.ts";
import { plusDays } from "./days.ts";
import { type Condition, isNull, readCondition } from "./grammar.ts";
import { OVERDUE, sameFilter } from "./sentence.ts";
import { BAND_ENDS, isTime, sayMoment, sayValue } from "./values.ts";
import { type Known, knownAs, type OperatorWord, type Vocabulary, wordOf } from "./vocabulary.ts";

/** One condition as said: what, how, and with what. */
export interface Said {
  what: string;
  how: string;
  value: string;
}

/** In words that `readSentence` reads back. */
export function sayFilter(filter: Filter, words: Vocabulary): string {
  if (typeof filter === "string") {
    const said = sayCondition(filter, words);
    return said ? [said.what, said.how, said.value].filter(Boolean).join(" ") : filter;
  }
  if ("or" in filter) return several(filter.or, words.or, words);
  if ("and" in filter) return several(filter.and, words.and, words);
  if ("not" in filter) return `${words.not} (${sayFilter(filter.not, words)})`;
  return JSON.stringify(filter);
}

function several(filters: Filter[], word: string, words: Vocabulary): string {
  return filters
    .map((one) => (typeof one === "string" || "not" in one ? sayFilter(one, words) : `(${sayFilter(one, words)})`))
    .join(` ${word} `);
}

/** One condition; null for what cannot be read. */
export function sayCondition(text: string, words: Vocabulary): Said | null {
  const read = readCondition(text);
  if (!read) return null;
  if (sameFilter(text, OVERDUE)) return { what: words.overdue, how: "", value: "" };
  const one = knownAs(read.field, words);
  const own = (word: OperatorWord, value = ""): Said => ({
    what:
      one.name === read.field && /[\s"]/.test(read.field) && one.label === read.field ? `"${read.field}"` : one.label,
    how: words.operators[word],
    value,
  });
  if (isNull(read.values[0]) && read.op === "=") return own("empty");
  if (isNull(read.values[0]) && read.op === "!=") return own("notEmpty");
  if (isTime(one)) return ofTime(read, own, words);
  const band = one.name === "task.priority" ? ofBands(read, own, words) : null;
  if (band) return band;
  const values = read.values.map((value) => sayValue(value, one, words));
  if (read.op === "in") return own("oneOf", values.join(", "));
  if (read.op === "[]") return own("between", values.join(` ${words.and} `));
  return own(operatorWord(read, one), values[0]);
}

function operatorWord(read: Condition, one: Known): OperatorWord {
  const isNumber = /^-?\d/.test(read.values[0]?.text ?? "") && !/^\d{4}-/.test(read.values[0]?.text ?? "");
  const types: Known["types"] = one.types.length ? one.types : [isNumber ? "number" : "text"];
  return wordOf(read.op, types) ?? wordOf(read.op, ["number", "text"]) ?? "is";
}

type Own = (word: OperatorWord, value?: string) => Said;

function ofTime({ op, values }: Condition, own: Own, words: Vocabulary): Said {
  const [first, last] = values.map((value) => value.text) as [string, string];
  if (op === "<") return own("before", sayMoment(first, words, "start"));
  if (op === ">=") return own("from", sayMoment(first, words, "start"));
  if (op === ">") return own("after", sayMoment(first, words, "end"));
  if (op === "<=") return own("until", sayMoment(first, words, "end"));
  if (op !== "[]")
    return own(op === "!=" ? "isNot" : "is", values.map(({ text }) => sayMoment(text, words, "start")).join(", "));
  const week = weekSaid(first, last, words);
  if (week) return own("is", week);
  const [from, to] = [sayMoment(first, words, "start"), sayMoment(last, words, "end")];
  return from === to ? own("is", from) : own("between", `${from} ${words.and} ${to}`);
}

function weekSaid(first: string, last: string, words: Vocabulary): string | null {
  const { today, zone } = words;
  for (const [days, name] of [
    [0, words.days.thisWeek],
    [7, words.days.nextWeek],
  ] as const) {
    const begins = plusDays(weekOf(today, words.days.weekStart), days);
    const isFirst = new Date(first).getTime() === startOf(begins, zone);
    if (isFirst && new Date(last).getTime() === endOf(plusDays(begins, 6), zone)) return name;
  }
  return null;
}

function ofBands({ op, values }: Condition, own: Own, words: Vocabulary): Said | null {
  const [first, last] = values.map((value) => Number(value.text)) as [number, number];
  const above = BAND_ENDS.findIndex((end) => end + 1 === first) + 1;
  const below = BAND_ENDS.findIndex((end) => end === (op === "[]" ? last : first));
  if (op === ">=" && above) return above === 3 ? own("is", words.bands[3]) : own("atLeast", words.bands[above]);
  if (op === "<=" && below >= 0) return below === 0 ? own("is", words.bands[0]) : own("atMost", words.bands[below]);
  if (op !== "[]" || !above || below < 0 || below < above) return null;
  const [from, to] = [words.bands[above]!, words.bands[below]!];
  return below === above ? own("is", from) : own("between", `${from} ${words.and} ${to}`);
}
