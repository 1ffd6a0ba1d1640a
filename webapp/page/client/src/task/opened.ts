// The task that is open: read whole, kept current by what the list hears of it.
import { effect, signal } from "@preact/signals";
import { call, Problem, pause } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import type { Task } from "../api/shapes.ts";
import { doing } from "../state/commands.ts";
import { hear, list } from "../state/lists.ts";
import { go, isOfTasks, opened } from "../state/place.ts";
import { session } from "../state/session.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import { draftAfter } from "./draft_known.ts";

const AGAIN = 3000;
const STEP = 15_000;
const SOON = 300;
const TRIES = 15;

export const openTask = signal<Task | null>(null);

async function read(id: string, first: boolean): Promise<void> {
  try {
    const { body } = await call<Task>(ofTask(id));
    const shown = openTask.peek();
    const isOlder = shown?.id === id && body.revision < shown.revision;
    if (opened.peek() === id && !isOlder) openTask.value = body;
  } catch (error) {
    if (opened.peek() !== id) return;
    if (error instanceof Problem && error.document.status === 404) {
      go({ task: null }, { replace: true });
      if (first) toast(t("task.not_there"), "error");
      // What is only not answered just now stays as it was.
    } else if (first) setTimeout(() => opened.peek() === id && void read(id, true), AGAIN);
  }
}

/** Shows a task as it is now; what only comes with the task itself stays as it was. */
export function refresh(task: Task): void {
  const shown = openTask.peek();
  if (shown?.id !== task.id || task.revision < shown.revision) return;
  // A large payload comes with the task itself only.
  if (task.payloadOmitted) void read(task.id, false);
  else
    openTask.value = {
      ...task,
      dataEntries: task.dataEntries ?? shown.dataEntries,
      warnings: task.warnings ?? shown.warnings,
      draft: draftAfter(shown, task, session.user, doing.peek().has(task.id)),
    };
}

/** Shows it as it is now, at least as new as that; null where it is not there any more, or not open. */
export async function reread(id: string, revision: number): Promise<Task | null> {
  // The views come a moment after what refuses a command.
  for (let tries = 0; tries < TRIES; tries += 1) {
    await read(id, false);
    const shown = openTask.peek();
    if (shown?.id !== id) return null;
    if (shown.revision >= revision) return shown;
    await pause(SOON);
  }
  return openTask.peek();
}

// What is opened by a link may be in no list that tells of it.
function lookAgain(): void {
  const shown = openTask.peek();
  if (shown?.state !== "open" || document.hidden || list.tasks.peek().some((task) => task.id === shown.id)) return;
  void read(shown.id, false);
}

export function followOpened(): void {
  setInterval(lookAgain, STEP);
  hear({ changed: refresh, left: (id) => id === openTask.peek()?.id && void read(id, false) });
  effect(() => {
    const id = isOfTasks.value ? opened.value : null;
    if (id === null) openTask.value = null;
    else if (openTask.peek()?.id !== id) {
      openTask.value = null;
      void read(id, true);
    }
  });
}
