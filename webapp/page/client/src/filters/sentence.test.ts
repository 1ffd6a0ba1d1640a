import assert from "node:assert/strict";
import { test } from "node:test";
import { de, en } from "../words/filters.ts";
import { sayFilter } from "./say.ts";
import { readSentence, sameFilter } from "./sentence.ts";
import { suggest } from "./suggest.ts";
import type { Kind, Vocabulary } from "./vocabulary.ts";
import { vocabularyOf } from "./words_of.ts";

// Another than those asked about.
process.env.TZ = "Pacific/Honolulu";
const [SUNDAY, MONDAY, SATURDAY] = [0, 1, 6];
// A Sunday.
const TODAY = Date.UTC(2026, 10, 29);
const TYPES: Record<string, Kind[]> = {
  "task.name": ["text"],
  "task.dueDate": ["time"],
  "task.createTime": ["time"],
  "task.priority": ["number"],
  "task.assignee": ["text"],
  "task.candidateGroups": ["list"],
  "data.state.state": ["text"],
  "customer.city": ["text"],
  amount: ["number"],
  approved: ["boolean"],
  zip: ["text"],
  received: ["text"],
  mixed: ["number", "text"],
  priority: ["number"],
};
const attributes = Object.entries(TYPES).map(([name, types]) => ({ name, types }));
const bands: [string, string, string, string] = ["low", "medium", "high", "critical"];
const speak = (
  texts: Record<string, unknown>,
  locale: string,
  names: typeof bands,
  nobody: string,
  zone = "UTC",
  weekStart = MONDAY,
): Vocabulary =>
  vocabularyOf((word) => texts[word] as string | undefined, {
    attributes,
    bands: names,
    nobody,
    locale,
    user: "ann",
    today: TODAY,
    zone,
    weekStart,
  });
const english = speak(en, "en", bands, "nobody");
const german = speak(de, "de", ["niedrig", "mittel", "hoch", "kritisch"], "niemand");
const at = (month: number, day: number, end = false) =>
  new Date(end ? Date.UTC(2026, month - 1, day, 23, 59, 59, 999) : Date.UTC(2026, month - 1, day)).toISOString();

const SENTENCES: [string, unknown][] = [
  ["customer.city is Bern", "customer.city = Bern"],
  ["customer.city is not Bern", "customer.city != Bern"],
  ["customer.city is one of Bern, Rom", "customer.city in (Bern, Rom)"],
  ["customer.city contains er", "customer.city ~ er"],
  ["customer.city is empty", "customer.city = null"],
  ["customer.city is not empty", "customer.city != null"],
  ["amount more than 500", "amount > 500"],
  ["amount between 3 and 5", "amount [] 3 | 5"],
  ["approved is yes", "approved = true"],
  ["zip is 3000", 'zip = "3000"'],
  ["mixed is 3000", "mixed = 3000"],
  ["due before Friday", `task.dueDate < "${at(12, 4)}"`],
  ["due until Friday", `task.dueDate <= "${at(12, 4, true)}"`],
  ["due after tomorrow", `task.dueDate > "${at(11, 30, true)}"`],
  ["due is today", `task.dueDate [] "${at(11, 29)}" | "${at(11, 29, true)}"`],
  ["due is next week", `task.dueDate [] "${at(11, 30)}" | "${at(12, 6, true)}"`],
  ["due between tomorrow and 2026-12-24", `task.dueDate [] "${at(11, 30)}" | "${at(12, 24, true)}"`],
  ["priority at least high", "task.priority >= 51"],
  ["priority is high", "task.priority [] 51 | 75"],
  ["priority is critical", "task.priority >= 76"],
  ["priority is low", "task.priority <= 25"],
  ["priority at least 40", "task.priority >= 40"],
  ["assignee is me", "task.assignee = ann"],
  ["group is approvers", "task.candidateGroups = approvers"],
  ["workpiece state is Submitted", "data.state.state = Submitted"],
  ["customer.city is Bern or amount more than 5", { or: ["customer.city = Bern", "amount > 5"] }],
];

test("sentences are read, and said as they were written", () => {
  for (const [sentence, filter] of SENTENCES) {
    const read = readSentence(sentence, english);
    assert.ok(read.filter, `${sentence}: ${read.trouble}`);
    assert.ok(sameFilter(read.filter, filter as string), `${sentence}: ${JSON.stringify(read.filter)}`);
    assert.equal(sayFilter(read.filter, english), sentence);
  }
});

test("what is said in German is read again", () => {
  for (const [sentence] of SENTENCES) {
    const { filter } = readSentence(sentence, english);
    const said = sayFilter(filter!, german);
    const again = readSentence(said, german);
    assert.ok(again.filter && sameFilter(again.filter, filter!), `${said}: ${JSON.stringify(again)}`);
  }
  assert.equal(sayFilter("task.priority >= 51", german), "Priorität mindestens hoch");
});

test("what people also write is understood", () => {
  const reads: [string, unknown][] = [
    ["amount > 500", "amount > 500"],
    ["amount>=1,500", "amount >= 1500"],
    ["task.priority >= 50", "task.priority >= 50"],
    ["customer.city in (Bonn, Rom)", "customer.city in (Bonn, Rom)"],
    ["DUE BEFORE friday", `task.dueDate < "${at(12, 4)}"`],
    ["due today", `task.dueDate [] "${at(11, 29)}" | "${at(11, 29, true)}"`],
    ["due before in 3 days", `task.dueDate < "${at(12, 2)}"`],
    ["overdue", "task.dueDate < now"],
    ["due before now", "task.dueDate < now"],
    ["assignee is nobody", "task.assignee = null"],
    ["other.path is x", "other.path = x"],
    ["received before Friday", "received < 2026-12-04"],
    ["received after Friday", "received >= 2026-12-05"],
    ['title is "this or that"', "task.name = this or that"],
    ["title contains this or that", "task.name ~ this or that"],
    ["priority is not high", { not: "task.priority [] 51 | 75" }],
    ['"priority" is 3', "priority = 3"],
    ['customer.city = "null"', 'customer.city = "null"'],
  ];
  for (const [sentence, filter] of reads) {
    const read = readSentence(sentence, english);
    assert.ok(read.filter && sameFilter(read.filter, filter as string), `${sentence}: ${JSON.stringify(read)}`);
  }
  assert.equal(readSentence("amount = 1.500,5", german).filter, "amount = 1500.5");
});

test("days are those of the reader's time zone, and said as they were asked for", () => {
  const days: [string, string, string][] = [
    ["Europe/Zurich", "due before Friday", 'task.dueDate < "2026-12-03T23:00:00.000Z"'],
    ["Asia/Kolkata", "due before Friday", 'task.dueDate < "2026-12-03T18:30:00.000Z"'],
    ["America/New_York", "due is today", 'task.dueDate [] "2026-11-29T05:00:00.000Z" | "2026-11-30T04:59:59.999Z"'],
    ["Pacific/Auckland", "due is this week", 'task.dueDate [] "2026-11-22T11:00:00.000Z" | "2026-11-29T10:59:59.999Z"'],
    // The week of the clocks' change has an hour more, the day in spring one less.
    [
      "Europe/Zurich",
      "created between 2026-10-19 and 2026-10-25",
      'task.createTime [] "2026-10-18T22:00:00.000Z" | "2026-10-25T22:59:59.999Z"',
    ],
    [
      "Europe/Zurich",
      "created is 2026-03-29",
      'task.createTime [] "2026-03-28T23:00:00.000Z" | "2026-03-29T21:59:59.999Z"',
    ],
    ["Europe/Zurich", "due until tomorrow 17:30", 'task.dueDate <= "2026-11-30T16:30:00.000Z"'],
    ["America/New_York", "due until tomorrow 17:30", 'task.dueDate <= "2026-11-30T22:30:00.000Z"'],
  ];
  for (const [zone, sentence, filter] of days) {
    const words = speak(en, "en", bands, "nobody", zone);
    const read = readSentence(sentence, words);
    assert.ok(read.filter && sameFilter(read.filter, filter), `${zone} ${sentence}: ${JSON.stringify(read)}`);
    assert.equal(sayFilter(filter, words), sentence);
  }
  assert.equal(readSentence("due before tomorrow 25:00", english).trouble, "day");
});

test("weeks begin on the reader's day, and are said only where they are the reader's", () => {
  const weeks: [number, string, string, string][] = [
    [MONDAY, "this week", at(11, 23), at(11, 29, true)],
    [SUNDAY, "this week", at(11, 29), at(12, 5, true)],
    [SATURDAY, "this week", at(11, 28), at(12, 4, true)],
    [SUNDAY, "next week", at(12, 6), at(12, 12, true)],
    [SATURDAY, "next week", at(12, 5), at(12, 11, true)],
  ];
  for (const [first, week, begins, ends] of weeks) {
    const words = speak(en, "en", bands, "nobody", "UTC", first);
    const filter = `task.dueDate [] "${begins}" | "${ends}"`;
    const read = readSentence(`due is ${week}`, words);
    assert.ok(read.filter && sameFilter(read.filter, filter), `${first} ${week}: ${JSON.stringify(read)}`);
    assert.equal(sayFilter(filter, words), `due is ${week}`);
  }
  const others = speak(en, "en", bands, "nobody", "UTC", SUNDAY);
  const monday = `task.dueDate [] "${at(11, 23)}" | "${at(11, 29, true)}"`;
  assert.equal(sayFilter(monday, others), "due between 2026-11-23 and today");
});

test("what is missing or wrong is told", () => {
  const troubles = {
    "": "value",
    nonsense: "attribute",
    "customer.city": "operator",
    "customer.city is": "value",
    "amount > many": "number",
    "due before someday": "day",
    "approved is perhaps": "truth",
    "amount between 3": "between",
  };
  for (const [sentence, trouble] of Object.entries(troubles)) {
    assert.equal(readSentence(sentence, english).trouble, trouble, sentence);
  }
});

test("what follows is suggested: attributes, operators that fit, values", () => {
  const labels = (text: string, values: string[] = []) => suggest(text, english, values).map((one) => one.label);
  assert.deepEqual(labels("customer"), ["customer.city"]);
  assert.deepEqual(labels("city"), ["customer.city"]);
  assert.deepEqual(labels("over"), ["overdue"]);
  assert.deepEqual(labels("priority at"), ["at least", "at most"]);
  assert.equal(labels("due ")[0], "before");
  assert.ok(labels("due before ").includes("tomorrow"));
  assert.deepEqual(labels("priority at least h"), ["high"]);
  assert.deepEqual(labels("customer.city is B", ["Bern", "Basel"]), ["Bern", "Basel"]);
  assert.deepEqual(labels("customer.city is one of Bern, B", ["Bern", "Basel"]), ["Basel"]);
  assert.equal(suggest("customer.city is B", english, ["Bern"])[0]?.text, "customer.city is Bern");
  assert.equal(
    suggest("customer.city is one of Bern, B", english, ["Basel"])[0]?.text,
    "customer.city is one of Bern, Basel, ",
  );
  assert.deepEqual(labels("nobody knows"), []);
});
