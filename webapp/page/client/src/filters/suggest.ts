// What may follow what is typed: attributes, then operators that fit, then values.
import { weekdayOf } from "../words/zones.ts";
import { plusDays, weekdays } from "./days.ts";
import { analyse, apart } from "./sentence.ts";
import { isTime, sayValue } from "./values.ts";
import { isPerson, type Known, type OperatorWord, operatorsFor, type Vocabulary } from "./vocabulary.ts";

export interface Suggestion {
  label: string;
  /** Kind of the attribute. */
  hint?: Known["types"][number];
  /** The whole sentence where it is taken. */
  text: string;
  /** Whether nothing more need follow. */
  isWhole: boolean;
}

const MOST = 50;
const fold = (text: string) => text.toLocaleLowerCase();

/** What the values of a sentence begin with, and of which attribute they are; null where none is being typed. */
export function valueTyped(text: string, words: Vocabulary): { attribute: Known; begins: string } | null {
  const { attribute, operator, rest } = analyse(text, words);
  if (!attribute || !operator || operator === "empty" || operator === "notEmpty") return null;
  return { attribute, begins: lastOf(rest, operator, words).replace(/^"|"$/g, "") };
}

/** `values`: those of the attribute that the server knows. */
export function suggest(text: string, words: Vocabulary, values: (string | number | boolean)[] = []): Suggestion[] {
  const { attribute, operator, rest } = analyse(text, words);
  if (!attribute) return attributesFor(rest, words);
  const isExact = !operator && !rest && !/\s$/.test(text);
  if (!operator) {
    const begun = text.slice(0, text.length - rest.length).trimEnd();
    const operators = operatorsFor(attribute.types)
      .filter((word) => fold(words.operators[word]).startsWith(fold(rest)))
      .map((word) => afterOperator(`${begun} ${words.operators[word]}`, word, words));
    // Others may begin with the whole of this name.
    const others = isExact ? attributesFor(text, words).filter((one) => one.label !== attribute.label) : [];
    return [...operators, ...others].slice(0, MOST);
  }
  if (operator === "empty" || operator === "notEmpty") return [];
  const longer = /\s$/.test(text) || rest ? [] : longerOperators(text, operator, attribute, words);
  return [...longer, ...valuesFor(text, attribute, operator, rest, words, values)].slice(0, MOST);
}

function attributesFor(typed: string, words: Vocabulary): Suggestion[] {
  const wanted = fold(typed.trim());
  const rank = (one: Known) => {
    const label = fold(one.label);
    if (label.startsWith(wanted)) return 0;
    return label.includes(wanted) || fold(one.name).includes(wanted) ? 1 : 2;
  };
  const late = { label: words.overdue, text: words.overdue, isWhole: true };
  const found = words.attributes
    .filter((one) => rank(one) < 2 && (wanted || one.label !== one.name || !/^(?:task|data)\./.test(one.name)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST)
    .map((one) => ({ label: one.label, hint: one.types[0], text: `${one.label} `, isWhole: false }));
  return fold(words.overdue).startsWith(wanted) ? [late, ...found] : found;
}

function longerOperators(text: string, chosen: OperatorWord, one: Known, words: Vocabulary): Suggestion[] {
  const short = words.operators[chosen];
  return operatorsFor(one.types)
    .filter((word) => word !== chosen && fold(words.operators[word]).startsWith(`${fold(short)} `))
    .map((word) => afterOperator(text.slice(0, text.length - short.length) + words.operators[word], word, words));
}

function afterOperator(text: string, word: OperatorWord, words: Vocabulary): Suggestion {
  const isWhole = word === "empty" || word === "notEmpty";
  return { label: words.operators[word], text: isWhole ? text : `${text} `, isWhole };
}

function valuesFor(
  text: string,
  one: Known,
  operator: OperatorWord,
  rest: string,
  words: Vocabulary,
  values: (string | number | boolean)[],
): Suggestion[] {
  const begins = lastOf(rest, operator, words);
  const before = text
    .trimEnd()
    .slice(0, text.trimEnd().length - begins.length)
    .trimEnd();
  const taken = operator === "oneOf" ? apart(rest, ",").map(fold) : [];
  const isFirstEnd = operator === "between" && apart(rest, words.and).length < 2;
  const said = saidValues(one, words, values);
  const bare = fold(begins.replace(/^"|"$/g, ""));
  return said
    .filter((label) => fold(label).replace(/^"/, "").startsWith(bare) && !taken.includes(fold(label)))
    .filter((label) => fold(label) !== bare)
    .map((label) => {
      const end = operator === "oneOf" ? ", " : isFirstEnd ? ` ${words.and} ` : "";
      return { label, text: `${before} ${label}${end}`, isWhole: !end };
    });
}

function saidValues(one: Known, words: Vocabulary, values: (string | number | boolean)[]): string[] {
  if (isTime(one)) {
    const { days } = words;
    const inThree = days.inDays.source.replace(/^\^|\$$/g, "").replace("(\\d{1,4})", "3");
    return [days.today, days.tomorrow, ...weekdayNames(words), days.thisWeek, days.nextWeek, inThree, days.yesterday];
  }
  if (one.name === "task.priority") return [...words.bands].reverse();
  if (one.types.length === 1 && one.types[0] === "boolean") return [words.yes, words.no];
  const people = isPerson(one.name) ? [words.me, ...(one.name === "task.assignee" ? [words.nobody] : [])] : [];
  const found = values.map((value) => sayValue({ text: String(value), quoted: typeof value === "string" }, one, words));
  return [...new Set([...people, ...found])];
}

function weekdayNames(words: Vocabulary): string[] {
  const names = weekdays(words.days.locale);
  return [2, 3, 4, 5, 6].map((by) => names[weekdayOf(plusDays(words.today, by))]![0]!);
}

function lastOf(rest: string, operator: OperatorWord, words: Vocabulary): string {
  if (operator === "oneOf") return apart(rest.replace(/^\(/, ""), ",").at(-1)!;
  // The word between both ends may be the last that is typed.
  if (operator === "between") return apart(`${rest} `, words.and).at(-1)!.trim();
  return rest.trim();
}
