// The words that filters are said in, and what each of them fits.

import type { Attribute } from "../api/shapes.ts";
import type { Zone } from "../words/zones.ts";
import type { DayWords } from "./days.ts";
import type { Operator } from "./grammar.ts";

export type OperatorWord =
  | "is"
  | "isNot"
  | "contains"
  | "atLeast"
  | "atMost"
  | "more"
  | "less"
  | "before"
  | "after"
  | "from"
  | "until"
  | "between"
  | "oneOf"
  | "empty"
  | "notEmpty";

export type Kind = Attribute["types"][number];

export interface Known {
  name: string;
  types: Kind[];
  /** How it is said; of a payload its own name. */
  label: string;
}

export interface Vocabulary {
  attributes: Known[];
  operators: Record<OperatorWord, string>;
  and: string;
  or: string;
  not: string;
  /** Low, medium, high, critical. */
  bands: [string, string, string, string];
  yes: string;
  no: string;
  me: string;
  nobody: string;
  /** "overdue": a whole sentence. */
  overdue: string;
  user: string;
  days: DayWords;
  /** The day it is in the reader's time zone. */
  today: number;
  zone: Zone;
}

const EMPTY: OperatorWord[] = ["empty", "notEmpty"];
const ORDERED: OperatorWord[] = ["before", "after", "from", "until", "between"];
const FIT: Record<Kind, OperatorWord[]> = {
  text: ["is", "isNot", "contains", "oneOf", ...EMPTY, ...ORDERED],
  number: ["is", "isNot", "atLeast", "atMost", "more", "less", "between", "oneOf", ...EMPTY],
  time: ["before", "after", "is", "from", "until", "between", ...EMPTY],
  boolean: ["is", "isNot", ...EMPTY],
  list: ["is", "isNot", "contains", "oneOf", ...EMPTY],
};
const ALL: OperatorWord[] = [...FIT.number, "contains", ...ORDERED.slice(0, 4)];
/** As filters are written; what is empty or not has no sign of its own. */
export const SYMBOLS: Partial<Record<OperatorWord, Operator>> = {
  is: "=",
  isNot: "!=",
  contains: "~",
  atLeast: ">=",
  atMost: "<=",
  more: ">",
  less: "<",
  before: "<",
  after: ">",
  from: ">=",
  until: "<=",
  between: "[]",
  oneOf: "in",
};
const PEOPLE = ["task.assignee", "task.owner", "task.completedBy", "task.candidateUsers", "task.excludedUsers"];

/** Which operators fit an attribute, the likely ones first; of an unknown one, all. */
export function operatorsFor(types: Kind[]): OperatorWord[] {
  const found = new Set(types.flatMap((kind) => FIT[kind]));
  return found.size ? [...found] : ALL;
}

export const isPerson = (name: string): boolean => PEOPLE.includes(name);
/** Whether it is a field of a task or an entry, not of what they carry. */
export const isOwn = (name: string): boolean => /^(?:task|data)\./.test(name);
/** The word of each symbol for an attribute with these types. */
export const wordOf = (symbol: string, types: Kind[]): OperatorWord | undefined =>
  operatorsFor(types).find((word) => SYMBOLS[word] === symbol);

export function knownAs(name: string, words: Vocabulary): Known {
  return words.attributes.find((one) => one.name === name) ?? { name, types: [], label: name };
}
