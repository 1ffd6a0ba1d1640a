// Filters as people say them, `customer.city is Bern`, and as the server's grammar has them.
import type { Filter } from "../api/shapes.ts";
import { isNull, NULL, type Operator, plain, quoted, readCondition, type Value, writeCondition } from "./grammar.ts";
import { bandEnds, bandOf, isTime, readSpan, readTextDays, readValue } from "./values.ts";
import { isOwn, type Known, knownAs, type OperatorWord, operatorsFor, SYMBOLS, type Vocabulary } from "./vocabulary.ts";

/** What of a sentence is there: an attribute, then an operator, then what is left. */
export interface Parts {
  attribute: Known | null;
  operator: OperatorWord | null;
  rest: string;
}

/** What is missing or wrong; its word is in the catalogue. */
export type Trouble = "attribute" | "operator" | "value" | "number" | "truth" | "day" | "between";
export type Read = { filter: Filter; trouble?: undefined } | { filter?: undefined; trouble: Trouble };

/** What "overdue" stands for. */
export const OVERDUE = "task.dueDate < now";
const fold = (text: string) => text.toLocaleLowerCase();

/** Takes a sentence apart as far as it goes. */
export function analyse(text: string, words: Vocabulary): Parts {
  const said = text.trimStart();
  const attribute = attributeOf(said, words);
  if (!attribute) return { attribute: null, operator: null, rest: said };
  const [one, length] = attribute;
  const rest = said.slice(length).trimStart();
  const found = operatorOf(rest, one, words);
  if (found) return { attribute: one, operator: found[0], rest: rest.slice(found[1]).trimStart() };
  return { attribute: one, operator: null, rest };
}

/** Reads a whole sentence, also several with "or" or "and" between them. */
export function readSentence(text: string, words: Vocabulary): Read {
  for (const [word, kind] of [
    [words.or, "or"],
    [words.and, "and"],
  ] as const) {
    const several = apart(text, word);
    const read = several.length > 1 ? several.map((part) => readSentence(part, words)) : [];
    if (read.length && read.every((one) => one.filter !== undefined)) {
      return { filter: { [kind]: read.map((one) => one.filter!) } as unknown as Filter };
    }
  }
  const negated = new RegExp(`^\\s*${words.not}:?\\s+\\((.+)\\)\\s*$`, "is").exec(text);
  if (negated) {
    const inner = readSentence(negated[1]!, words);
    return inner.filter === undefined ? inner : { filter: { not: inner.filter } };
  }
  return readOne(text, words);
}

function readOne(text: string, words: Vocabulary): Read {
  if (fold(text.trim()) === fold(words.overdue)) return { filter: OVERDUE };
  const { attribute, operator, rest } = analyse(text, words);
  if (!attribute) return { trouble: text.trim() ? "attribute" : "value" };
  if (!operator) {
    // "due today"
    if (isTime(attribute) && rest && readSpan(rest.trim(), words)) return compare(attribute, "is", rest.trim(), words);
    return { trouble: "operator" };
  }
  return compare(attribute, operator, rest.trim(), words);
}

function compare(one: Known, operator: OperatorWord, said: string, words: Vocabulary): Read {
  const made = (op: Operator, ...values: Value[]): Read => ({
    filter: writeCondition({ field: one.name, op, values }),
  });
  if (operator === "empty") return made("=", NULL);
  if (operator === "notEmpty") return made("!=", NULL);
  if (!said) return { trouble: "value" };
  if (
    (operator === "is" || operator === "isNot") &&
    fold(said) === fold(words.nobody) &&
    one.name.startsWith("task.")
  ) {
    return made(operator === "is" ? "=" : "!=", NULL);
  }
  if (said === "null" && (operator === "is" || operator === "isNot")) return made(operator === "is" ? "=" : "!=", NULL);
  if (operator === "oneOf") {
    const several = apart(said.replace(/^\((.*)\)$/s, "$1"), ",").filter(Boolean);
    const read = several.map((text) => readValue(text, one, words));
    const bad = read.find((value) => typeof value === "string");
    if (bad || !read.length) return { trouble: (bad as Trouble) ?? "value" };
    return made("in", ...(read as Value[]));
  }
  if (operator === "between") {
    const ends = [words.and, "|"].map((mark) => apart(said, mark)).find((parts) => parts.length === 2);
    return ends ? between(one, ends as [string, string], words) : { trouble: "between" };
  }
  if (isTime(one)) return ofTime(one, operator, said, words);
  if (one.name === "task.priority" && bandOf(said, words) >= 0) return ofBand(one, operator, bandOf(said, words));
  const days = isOwn(one.name) || one.types.includes("number") ? null : readTextDays(said, words);
  if (days && operator === "before") return made("<", plain(days[0]));
  if (days && operator === "from") return made(">=", plain(days[0]));
  if (days && operator === "after") return made(">=", plain(days[1]));
  if (days && operator === "until") return made("<", plain(days[1]));
  const value = operator === "contains" ? textOf(said) : readValue(said, one, words);
  return typeof value === "string" ? { trouble: value } : made(SYMBOLS[operator]!, value);
}

function ofTime(one: Known, operator: OperatorWord, said: string, words: Vocabulary): Read {
  const span = readSpan(said, words);
  if (!span) return { trouble: "day" };
  const [start, end] = span.map(plain) as [Value, Value];
  const made = (op: Operator, ...values: Value[]): Read => ({
    filter: writeCondition({ field: one.name, op, values }),
  });
  if (operator === "before" || operator === "less") return made("<", start);
  if (operator === "from" || operator === "atLeast") return made(">=", start);
  if (operator === "after" || operator === "more") return made(">", end);
  if (operator === "until" || operator === "atMost") return made("<=", end);
  return made("[]", start, end);
}

function ofBand(one: Known, operator: OperatorWord, band: number): Read {
  const [least, greatest] = bandEnds(band);
  const at = (op: Operator, number: number): Filter =>
    writeCondition({ field: one.name, op, values: [plain(String(number))] });
  const all: Filter = writeCondition({ field: one.name, op: "!=", values: [NULL] });
  const none: Filter = writeCondition({ field: one.name, op: "=", values: [NULL] });
  if (operator === "atLeast") return { filter: least === null ? all : at(">=", least) };
  if (operator === "atMost") return { filter: greatest === null ? all : at("<=", greatest) };
  if (operator === "more") return { filter: greatest === null ? none : at(">=", greatest + 1) };
  if (operator === "less") return { filter: least === null ? none : at("<=", least - 1) };
  const inside =
    least === null ? at("<=", greatest!) : greatest === null ? at(">=", least) : range(one, least, greatest);
  return { filter: operator === "isNot" ? { not: inside } : inside };
}

const range = (one: Known, from: number, to: number): Filter =>
  writeCondition({ field: one.name, op: "[]", values: [plain(String(from)), plain(String(to))] });

function between(one: Known, [from, to]: [string, string], words: Vocabulary): Read {
  const made = (a: Value, b: Value): Read => ({
    filter: writeCondition({ field: one.name, op: "[]", values: [a, b] }),
  });
  if (isTime(one)) {
    const [a, b] = [readSpan(from, words), readSpan(to, words)];
    return a && b ? made(plain(a[0]), plain(b[1])) : { trouble: "day" };
  }
  if (one.name === "task.priority" && bandOf(from, words) >= 0 && bandOf(to, words) >= 0) {
    const [least, greatest] = [bandEnds(bandOf(from, words))[0], bandEnds(bandOf(to, words))[1]];
    return { filter: range(one, least ?? 0, greatest ?? 100) };
  }
  const [a, b] = [readValue(from, one, words), readValue(to, one, words)];
  if (typeof a === "string") return { trouble: a };
  return typeof b === "string" ? { trouble: b } : made(a, b);
}

/** The parts between marks that stand outside of quotes: a word, or a sign. */
export function apart(text: string, mark: string): string[] {
  const isWord = /\p{L}/u.test(mark);
  const found = [""];
  const pieces = text.split(/("(?:[^"\\]|\\.)*")/s);
  const at = isWord ? new RegExp(`\\s+${mark}\\s+`, "i") : mark;
  pieces.forEach((piece, index) => {
    const [first = "", ...others] = index % 2 ? [piece] : piece.split(at);
    found[found.length - 1] += first;
    found.push(...others);
  });
  return found.map((one) => one.trim());
}

const textOf = (said: string): Value => {
  const marked = /^"(.*)"$/s.exec(said);
  return marked ? quoted(marked[1]!.replace(/\\(.)/gs, "$1")) : plain(said);
};

// The longest that fits, as it is said or by its name; any other path, too, where an operator follows it.
function attributeOf(said: string, words: Vocabulary): [Known, number] | null {
  const marked = /^"((?:[^"\\]|\\.)+)"(?=\s|$|[=<>!~])/s.exec(said);
  if (marked) return [knownAs(marked[1]!.replace(/\\(.)/gs, "$1"), words), marked[0].length];
  let best: [Known, number] | null = null;
  for (const one of words.attributes) {
    for (const name of [one.label, one.name]) {
      const follows = said[name.length];
      if (fold(said.slice(0, name.length)) !== fold(name) || (follows && !/[\s=<>!~[]/.test(follows))) continue;
      if (!best || name.length > best[1]) best = [one, name.length];
    }
  }
  if (best) return best;
  const path = /^[^\s"=<>~!]+/.exec(said)?.[0] ?? "";
  const unknown = knownAs(path, words);
  return path && operatorOf(said.slice(path.length).trimStart(), unknown, words) ? [unknown, path.length] : null;
}

function operatorOf(said: string, one: Known, words: Vocabulary): [OperatorWord, number] | null {
  let best: [OperatorWord, number] | null = null;
  for (const word of operatorsFor(one.types)) {
    for (const text of [words.operators[word], SYMBOLS[word]]) {
      if (!text || fold(said.slice(0, text.length)) !== fold(text)) continue;
      if (/\p{L}$/u.test(text) && /^[\p{L}\p{N}]/u.test(said.slice(text.length))) continue;
      if (!best || text.length > best[1]) best = [word, text.length];
    }
  }
  return best;
}

/** Whether two filters ask the same. */
export const sameFilter = (a: Filter, b: Filter): boolean => canonical(a) === canonical(b);

function canonical(filter: Filter): string {
  if (typeof filter !== "string") return JSON.stringify(filter);
  const read = readCondition(filter);
  if (!read) return filter;
  const values = read.values.map((value) => (isNull(value) ? null : value.text));
  return JSON.stringify([read.field, read.op, values]);
}
