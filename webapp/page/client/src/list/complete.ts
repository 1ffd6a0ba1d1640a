// Completing from the keyboard: at once where nothing is asked, else in the form.
import type { Action, Task } from "../api/shapes.ts";
import { act, type Body, explain, isStale } from "../state/commands.ts";
import { go, opened } from "../state/place.ts";
import { session } from "../state/session.ts";
import { toast } from "../state/toasts.ts";
import { sayChanged } from "../task/changed.ts";
import { openTask, refresh } from "../task/opened.ts";

const PATIENCE = 5000;

/** Whether its form has something to fill in. */
export const asks = (task: Task): boolean =>
  Boolean(task.formRef || task.formFields?.some((field) => !field.constraints?.readonly));
/** Whether it can be completed without a word. */
export const isPlain = (task: Task): boolean => !asks(task) && !task.formUrl;
export const needsAnswer = (task: Task): boolean =>
  Boolean(task.formFields?.some((field) => field.required && !field.constraints?.readonly));

/** Does it, wherever it was asked for; who has no form before them is told of errors, too. */
export async function actHere(task: Task, action: Action, body?: Body): Promise<void> {
  try {
    const found = await act(task, action, body);
    if (found) refresh(found);
  } catch (error) {
    toast(explain(error), "error");
  }
}

export async function completeHere(task: Task): Promise<void> {
  if (isPlain(task) && task.assignee === session.user && opened.peek() === task.id) {
    await completeAsSeen(task);
    return;
  }
  if (opened.peek() !== task.id) go({ task: task.id });
  focusForm(task.id);
}

async function completeAsSeen(listed: Task): Promise<void> {
  const shown = openTask.peek();
  const task = shown?.id === listed.id ? shown : listed;
  try {
    const found = await act(task, "complete", { variables: {} }, true);
    if (found) refresh(found);
  } catch (error) {
    const said = isStale(error) ? await sayChanged(task, error) : explain(error);
    if (said) toast(said, "error");
  }
}

// The form is drawn when the task has been read.
function focusForm(id: string): void {
  const ends = Date.now() + PATIENCE;
  const look = () => {
    if (opened.peek() !== id || Date.now() > ends) return;
    const form = document.querySelector("#pane .task-form, #pane form");
    const first = form?.querySelector<HTMLElement>(
      "input:enabled:not([type=hidden], [readonly]), select:enabled, textarea:enabled:not([readonly]), button:enabled",
    );
    if (first) first.focus();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
