// The one live list of the page, and which question it follows.
import { computed, effect } from "@preact/signals";
import { call } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import type { Question, Task } from "../api/shapes.ts";
import { t } from "../words/words.ts";
import { LiveList } from "./live_list.ts";
import { isOfTasks, place, questionOf } from "./place.ts";
import { byDay } from "./preferences.ts";
import { savedFilters } from "./saved_filters.ts";
import { session } from "./session.ts";

type Heard = { changed?: (task: Task) => void; left?: (id: string) => void };
const listeners = new Set<Heard>();

/** Tells of every task the list reads anew or loses. */
export function hear(listener: Heard): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const list = new LiveList({
  user: session.user,
  changed: (task) => {
    for (const one of listeners) one.changed?.(task);
  },
  left: (id) => {
    for (const one of listeners) one.left?.(id);
  },
  why: async (id) => {
    const { body } = await call<Task>(ofTask(id));
    if (body.state === "completed") return t("ghost.completed", { who: body.completedBy ?? "" });
    if (body.state === "deleted") return t("ghost.removed");
    return body.assignee ? t("ghost.taken", { who: body.assignee }) : t("ghost.elsewhere");
  },
});

/** What the list asks for; null where no list of tasks is shown, or the saved filter is not known yet. */
export const question = computed<Question | null>(() => {
  const now = place.value;
  if (!isOfTasks.value) return null;
  if (now.tab !== "saved") return inDays(questionOf(now));
  const saved = savedFilters.value?.find((one) => one.id === now.saved);
  return saved ? inDays(questionOf(now, saved.query)) : null;
});

// Under headings of days those of a day stand together.
const inDays = (asked: Question): Question =>
  byDay.value && asked.scope !== "completed" && asked.scope !== "involved" && !place.value.sort
    ? { ...asked, sort: "dueDate,-priority" }
    : asked;

// By what it says: opening a task asks for no other list.
const asked = computed(() => JSON.stringify(question.value));

export function followList(): void {
  effect(() => {
    const wanted = JSON.parse(asked.value) as Question | null;
    if (wanted) void list.ask(wanted);
    else list.quit();
  });
}

/** Asks the same again. */
export function askAgain(): void {
  if (question.peek()) void list.ask(question.peek()!);
}
