// One action on all rows that are chosen, and what became of each.
import { computed } from "@preact/signals";
import type { Task } from "../api/shapes.ts";
import { openAssign } from "../dialogs/assign.tsx";
import { openChange } from "../dialogs/change.tsx";
import { openComment } from "../dialogs/comment.tsx";
import { openDefer } from "../dialogs/defer.tsx";
import { actOnAll, type Body, doing, type ManyAction } from "../state/commands.ts";
import { openDialog } from "../state/dialogs.ts";
import { list } from "../state/lists.ts";
import { choose, chooseNone, chosen, cursor, MOST } from "../state/selection.ts";
import { toast } from "../state/toasts.ts";
import { t, type Word } from "../words/words.ts";
import { stepsBack } from "./back.ts";
import { needsAnswer } from "./complete.ts";
import { focusRow } from "./focus.ts";
import { Confirm, Outcome } from "./outcome.tsx";

export const chosenTasks = computed(() => list.tasks.value.filter((task) => chosen.value.has(task.id)));

/** Those that ask for something have to be completed one by one. */
export const canComplete = computed(() => !chosenTasks.value.some((task) => needsAnswer(task) || task.formUrl));

/** Whether it went well with each. */
export async function actOnChosen(action: ManyAction, body: Body = {}, tasks = chosenTasks.peek()): Promise<boolean> {
  // What is under way already is not done twice.
  const free = tasks.filter((task) => !doing.peek().has(task.id));
  if (!free.length) return true;
  const told = await actOnAll(free, action, body);
  const failed = free.filter((task) => told.get(task.id));
  if (failed.length) {
    choose(failed.map((task) => task.id).filter((id) => list.tasks.peek().some((task) => task.id === id)));
    openDialog(() => <Outcome action={action} done={free.length - failed.length} failed={failed} told={told} />);
    return false;
  }
  backToRows();
  chooseNone();
  const n = free.length;
  const who = body.assignee ?? t("nobody");
  toast(t(`bulk.done.${action}` as Word, { n, who }), "good", body.candidateGroups ? undefined : undoOf(action, free));
  return true;
}

export const assignChosen = () =>
  openAssign(chosenTasks.peek(), (assignee) => void actOnChosen("assign", { assignee }));
export const deferChosen = () => openDefer((followUpDate) => void actOnChosen("defer", { followUpDate }));

export const changeChosen = () => openChange(chosenTasks.peek(), (body) => void actOnChosen("change", body));
export const commentOnChosen = () => openComment(chosenTasks.peek(), (text) => actOnChosen("comment", { text }));

export function completeChosen(): void {
  const tasks = chosenTasks.peek();
  if (!canComplete.peek()) toast(t("bulk.asks"), "error");
  else openDialog(() => <Confirm tasks={tasks} yes={() => void actOnChosen("complete", { variables: {} }, tasks)} />);
}

/** All that match, as far as one action reaches; what has not been read yet is read. */
export async function chooseAll(): Promise<void> {
  const round = list.round.peek();
  // What is there already is chosen at once.
  choose(ids());
  while (list.hasMore.peek() && list.tasks.peek().length < MOST) {
    if (!(await list.readMore()) || round !== list.round.peek() || !chosen.peek().size) return;
    choose(ids());
  }
}

const ids = () =>
  list.tasks
    .peek()
    .slice(0, MOST)
    .map((task) => task.id);

function undoOf(action: ManyAction, tasks: Task[]): (() => void) | undefined {
  const steps = stepsBack(action, tasks);
  if (!steps.length) return undefined;
  return async () => {
    for (const step of steps) await actOnChosen(step.action, step.body, step.tasks);
  };
}

// The bar goes away with the choice, and the focus must not go with it.
function backToRows(): void {
  const id = cursor.peek() ?? chosenTasks.peek()[0]?.id;
  if (id && document.activeElement?.closest(".bulk-bar")) focusRow(id);
}
