// What there is to filter by, in the reader's words; asked for when somebody begins to filter.
import { computed, signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Attribute, Question } from "../api/shapes.ts";
import { session } from "../state/session.ts";
import { en } from "../words/filters.ts";
import { today, weekStart, zone } from "../words/moments.ts";
import { locale, t, type Word } from "../words/words.ts";
import type { Kind } from "./vocabulary.ts";
import { vocabularyOf } from "./words_of.ts";

const FRESH_FOR = 60_000;
const KINDS: Record<string, Kind> = {
  "task.dueDate": "time",
  "task.createTime": "time",
  "task.followUpDate": "time",
  "task.endTime": "time",
  "task.priority": "number",
  "task.suspended": "boolean",
  "task.candidateGroups": "list",
  "task.candidateUsers": "list",
  "task.excludedUsers": "list",
};
/** Those that have words of their own are known before anything is asked for. */
const OWN: Attribute[] = Object.keys(en)
  .filter((word) => word.startsWith("attribute."))
  .map((word) => word.slice("attribute.".length))
  .map((name) => ({ name, types: [KINDS[name] ?? "text"] }));

const found = signal<Attribute[]>([]);
let readAt = 0;
let readFor = "";

/** Which tasks to look for attributes and values in. */
export const lookedAt = (question: Question | null): URLSearchParams =>
  new URLSearchParams({ scope: question?.scope ?? "visible", deferred: question?.deferred ?? "show" });

/** Reads them unless that was done a moment ago. */
export async function readAttributes(question: Question | null): Promise<void> {
  const wanted = String(lookedAt(question));
  if (wanted === readFor && Date.now() - readAt < FRESH_FOR) return;
  [readFor, readAt] = [wanted, Date.now()];
  try {
    const { body } = await call<{ items: Attribute[] }>(`/tasks/attributes?${wanted}`);
    found.value = body.items;
  } catch {
    readAt = 0;
  }
}

export const vocabulary = computed(() => {
  const more = found.value.filter((one) => !OWN.some(({ name }) => name === one.name));
  return vocabularyOf((word) => (word in en ? t(word as Word) : undefined), {
    attributes: [...OWN, ...more],
    bands: [t("priority.low"), t("priority.medium"), t("priority.high"), t("priority.critical")],
    nobody: t("nobody"),
    locale: locale.value,
    user: session.user,
    today: today.value,
    zone: zone.value,
    weekStart: weekStart.value,
  });
});
