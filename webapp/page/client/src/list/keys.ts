// Keys of the list.
import { useEffect } from "preact/hooks";
import type { Action, Task } from "../api/shapes.ts";
import { openAssign, openDelegate } from "../dialogs/assign.tsx";
import { openChange } from "../dialogs/change.tsx";
import { openComment } from "../dialogs/comment.tsx";
import { openDefer } from "../dialogs/defer.tsx";
import { openStart } from "../start/start.tsx";
import type { Body } from "../state/commands.ts";
import { type Deed, register } from "../state/keys.ts";
import { list } from "../state/lists.ts";
import { go, opened } from "../state/place.ts";
import { beginRange, chooseNone, chooseRange, chosen, cursor, toggleChosen } from "../state/selection.ts";
import { session } from "../state/session.ts";
import { mayDelegate } from "../task/rights.ts";
import { actOnChosen, chooseAll, chosenTasks, completeChosen } from "./bulk.tsx";
import { actHere, completeHere } from "./complete.ts";
import { focusRow, rowWithFocus } from "./focus.ts";

export function useListKeys(): void {
  useEffect(() => register(...MOVES, ...ACTIONS, ...REST), []);
}

const some = () => list.tasks.peek().length > 0;
const here = () => rowWithFocus() ?? opened.peek() ?? cursor.peek();
const taskHere = (): Task | undefined => {
  const id = here();
  return list.tasks.peek().find((task) => task.id === id);
};
const acts = () => chosen.peek().size > 0 || taskHere() !== undefined;

const ofList = (id: string, label: Deed["label"], keys: string[], run: () => void, enabled = some): Deed => ({
  id,
  label,
  group: "list",
  keys,
  run,
  enabled,
});

const MOVES: Deed[] = [
  ofList("next", "keys.next", ["j", "ArrowDown"], () => step(1)),
  ofList("previous", "keys.previous", ["k", "ArrowUp"], () => step(-1)),
  ofList("first", "keys.first", ["Home"], () => step(-Infinity)),
  ofList("last", "keys.last", ["End"], () => step(Infinity)),
  ofList("open", "keys.open", ["o"], open, () => here() !== null),
  // A row with the focus is a button, for which the browser does it.
  ofList("open-row", "keys.open", ["Enter"], open, () => document.activeElement === document.body && here() !== null),
];

const ACTIONS: Deed[] = [
  ofList(
    "choose",
    "keys.choose",
    ["x"],
    () => toggleChosen(here()!),
    () => taskHere() !== undefined,
  ),
  ofList("extend-down", "keys.extend_down", ["Shift+ArrowDown"], () => extend(1)),
  ofList("extend-up", "keys.extend_up", ["Shift+ArrowUp"], () => extend(-1)),
  ofList("choose-all", "keys.choose_all", ["*"], () => void chooseAll()),
  ofList("claim", "keys.claim", ["c"], () => aim().act("claim"), acts),
  ofList("unclaim", "keys.unclaim", ["u"], () => aim().act("unclaim"), acts),
  ofList("complete", "keys.complete", ["e"], complete, acts),
  ofList("defer", "keys.defer", ["d"], defer, acts),
  ofList("assign", "keys.assign", ["a"], assign, acts),
  ofList("delegate", "keys.delegate", ["h"], delegate, () => delegable() !== undefined),
  ofList("change", "keys.change", ["t"], change, acts),
  ofList("comment", "keys.comment", ["m"], comment, acts),
];

const REST: Deed[] = [
  ofList(
    "search",
    "keys.search",
    ["/"],
    () => document.getElementById("search")?.focus(),
    () => true,
  ),
  { id: "start", label: "keys.start", group: "page", keys: ["s"], run: openStart },
  ofList("choose-none", "keys.choose_none", ["Escape"], chooseNone, () => chosen.peek().size > 0),
  {
    id: "close",
    label: "keys.close",
    group: "task",
    keys: ["Escape"],
    enabled: () => opened.value !== null,
    run: close,
  },
];

function stepped(by: number): string | null {
  const order = list.tasks.peek();
  const id = here();
  const index = order.findIndex((task) => task.id === id);
  return order[index < 0 ? 0 : Math.min(Math.max(index + by, 0), order.length - 1)]?.id ?? null;
}

function step(by: number): void {
  const id = stepped(by);
  if (id === null) return;
  focusRow(id);
  beginRange(id);
  if (opened.peek()) go({ task: id }, { replace: true });
}

function extend(by: number): void {
  const [from, to] = [here(), stepped(by)];
  if (to === null) return;
  chooseRange(
    list.tasks.peek().map((task) => task.id),
    from ?? to,
    to,
  );
  focusRow(to);
}

function open(): void {
  const id = here();
  if (id) go({ task: id });
}

function close(): void {
  const id = opened.peek();
  go({ task: null });
  if (id && list.tasks.peek().some((task) => task.id === id)) focusRow(id);
}

// All that are chosen, else the one where the keyboard is: as it is now, whatever happens until a dialog is answered.
function aim(): { tasks: Task[]; act: (action: Action, body?: Body) => void } {
  const [isChoice, task] = [chosen.peek().size > 0, taskHere()];
  const tasks = isChoice ? chosenTasks.peek() : task ? [task] : [];
  const act = (action: Action, body?: Body) => {
    if (isChoice) void actOnChosen(action, body, tasks);
    else if (task) void actHere(task, action, body);
  };
  return { tasks, act };
}

function defer(): void {
  const { act } = aim();
  openDefer((followUpDate) => act("defer", { followUpDate }));
}

function assign(): void {
  const { tasks, act } = aim();
  if (tasks.length) openAssign(tasks, (assignee) => act("assign", { assignee }));
}

// One at a time: who is asked is to see which.
function delegable(): Task | undefined {
  const task = taskHere();
  return task && !chosen.peek().size && mayDelegate(task, session) ? task : undefined;
}

function delegate(): void {
  const task = delegable();
  if (task) openDelegate(task, (assignee) => void actHere(task, "delegate", { assignee }));
}

function change(): void {
  const { tasks, act } = aim();
  if (tasks.length) openChange(tasks, (body) => act("change", body));
}

function comment(): void {
  const { tasks } = aim();
  if (tasks.length) openComment(tasks, (text) => actOnChosen("comment", { text }, tasks));
}

function complete(): void {
  const task = taskHere();
  if (chosen.peek().size) completeChosen();
  else if (task) void completeHere(task);
}
