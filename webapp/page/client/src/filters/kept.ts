// How what is asked now relates to a saved filter: the same, narrowed, or being changed.
import { computed } from "@preact/signals";
import type { Question, SavedFilter } from "../api/shapes.ts";
import { question } from "../state/lists.ts";
import { go, isOfTasks, type Place, place, questionOf, type Tab } from "../state/place.ts";
import { savedFilters } from "../state/saved_filters.ts";
import { flat } from "./groups.ts";

/** The saved filter that is shown or changed. */
export const current = computed((): SavedFilter | null => {
  const { saved } = place.value;
  return (saved && savedFilters.value?.find((one) => one.id === saved)) || null;
});

const asks = ({ q, filters, sort }: Place) => Boolean(q || filters.length || sort);
/** Whether there is something to keep. */
export const isAsking = computed(() => isOfTasks.value && asks(place.value));
/** Whether a saved filter is taken apart in the bar to be changed. */
export const isChanging = computed(() => current.value !== null && place.value.tab !== "saved");
/** Whether it would be another if it were saved now. */
export const isOther = computed(() => {
  const saved = current.value;
  if (!saved || !question.value) return false;
  return canonical(question.value) !== canonical(questionOf({ ...BARE, saved: saved.id }, saved.query));
});

const BARE: Place = { tab: "saved", saved: null, task: null, q: "", filters: [], sort: "", deferred: false, part: "" };
const canonical = ({ scope, filter, q, deferred, sort }: Question) =>
  JSON.stringify([scope, flat(filter), q, deferred, sort || null]);

/** What is asked now, to be kept. */
export function toKeep(): Question {
  const asked = question.peek()!;
  return { ...asked, filter: flat(asked.filter) };
}

/** Takes the saved filter apart: its conditions become chips. */
export function takeApart(): void {
  const asked = toKeep();
  const tab: Tab = asked.deferred === "only" ? "deferred" : asked.scope;
  const sort = place.peek().sort || current.peek()?.query.sort || "";
  go({ tab, filters: asked.filter, q: asked.q, sort, deferred: asked.deferred === "show" });
}
