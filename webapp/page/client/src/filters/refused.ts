// Which filter the server could not read, and why, in words.
import { computed } from "@preact/signals";
import { Problem } from "../api/calls.ts";
import type { Filter } from "../api/shapes.ts";
import { list } from "../state/lists.ts";
import { place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import { membersOf } from "./groups.ts";

// As `webapp/api/grammar.py` says it.
const REASONS: [RegExp, Word][] = [
  [/unknown field|a field (?:was )?expected/, "refused.unknown_field"],
  [/is not a whole number/, "refused.number"],
  [/is not an ISO-8601 time/, "refused.time"],
  [/null has no order/, "refused.order"],
  [/~ is for text/, "refused.text"],
  [/ expected /, "refused.expected"],
];
const START = /^filter (['"])([\s\S]*?)\1: /;

const refusal = computed(() => {
  const error = list.refused.value;
  const detail = error instanceof Problem && error.document.status === 400 ? error.message : "";
  const found = START.exec(detail);
  return found ? { quoted: found[2]!.replace(/\\(['"\\])/g, "$1"), reason: detail.slice(found[0].length) } : null;
});

/** The one among those of the address; null where it is another, or none. */
export const refusedFilter = computed((): Filter | null => {
  const found = refusal.value;
  if (!found) return null;
  const members = place.value.filters.flatMap(membersOf);
  return members.find((one) => typeof one === "string" && one.slice(0, 200) === found.quoted) ?? null;
});

/** What to say at the bar; empty where nothing is refused. */
export const refusedSaid = computed(() => {
  const found = refusal.value;
  if (!found) return "";
  const at = / at character (\d+)$/.exec(found.reason)?.[1] ?? "1";
  const word = REASONS.find(([pattern]) => pattern.test(found.reason))?.[1];
  return t("refused.filter", { filter: found.quoted, why: word ? t(word, { n: at }) : found.reason });
});
