// The vocabulary of a language: from its catalogue, and from what there is to filter by.
import type { Attribute } from "../api/shapes.ts";
import type { Zone } from "../words/zones.ts";
import type { OperatorWord, Vocabulary } from "./vocabulary.ts";

const OPERATORS: OperatorWord[] = [
  "is",
  "isNot",
  "contains",
  "atLeast",
  "atMost",
  "more",
  "less",
  "before",
  "after",
  "from",
  "until",
  "between",
  "oneOf",
  "empty",
  "notEmpty",
];

interface Given {
  attributes: Attribute[];
  bands: Vocabulary["bands"];
  nobody: string;
  locale: string;
  user: string;
  today: number;
  zone: Zone;
  weekStart: number;
}

/** `say` gives the word of that name, nothing for one that is not in the catalogue. */
export function vocabularyOf(say: (word: string) => string | undefined, given: Given): Vocabulary {
  const word = (name: string) => say(name) ?? name;
  const own = new Set<string>();
  const labelled = given.attributes.map(({ name, types }) => {
    const label = say(`attribute.${name}`);
    if (label) own.add(label.toLocaleLowerCase());
    return { name, types, label: label ?? name };
  });
  // A payload may use the word that a field of tasks is said with.
  for (const one of labelled) {
    const isTaken = one.label === one.name && own.has(one.name.toLocaleLowerCase());
    if (isTaken || /[\s"]/.test(one.name)) one.label = `"${one.name.replace(/[\\"]/g, "\\$&")}"`;
  }
  return {
    attributes: labelled,
    operators: Object.fromEntries(OPERATORS.map((name) => [name, word(`op.${name}`)])) as Vocabulary["operators"],
    and: word("filter.and"),
    or: word("filter.or"),
    not: word("filter.not"),
    bands: given.bands,
    yes: word("filter.yes"),
    no: word("filter.no"),
    me: word("filter.me"),
    nobody: given.nobody,
    overdue: word("filter.overdue"),
    user: given.user,
    today: given.today,
    zone: given.zone,
    days: {
      today: word("day.today"),
      tomorrow: word("day.tomorrow"),
      yesterday: word("day.yesterday"),
      now: word("day.now"),
      thisWeek: word("day.this_week"),
      nextWeek: word("day.next_week"),
      weekStart: given.weekStart,
      inDays: around(word("day.in")),
      ago: around(word("day.ago")),
      locale: given.locale,
    },
  };
}

const around = (text: string) => new RegExp(`^${text.replace("{n}", "(\\d{1,4})").toLocaleLowerCase()}$`);
