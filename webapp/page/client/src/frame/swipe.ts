// A finger on a card: to the right claims it, to the left defers it. Its buttons do the same for everybody else.
import type { Task } from "../api/shapes.ts";
import { openDefer } from "../dialogs/defer.tsx";
import { act } from "../state/commands.ts";
import { list } from "../state/lists.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { type Swipe, swipeOf } from "./swipe_way.ts";
import "./swipe.css";

interface Grip {
  row: HTMLElement;
  task: Task;
  x: number;
  y: number;
  moves: boolean;
  way: Swipe | null;
}

// Where there is room for a table, rows are no cards.
const narrow = matchMedia("(max-width: 52rem)");
let grip: Grip | null = null;

/** Listens on the page, since lists come and go. */
export function followSwipes(): void {
  addEventListener("touchstart", begin, { passive: true });
  addEventListener("touchmove", move, { passive: false });
  addEventListener("touchend", () => end(true));
  addEventListener("touchcancel", () => end(false));
}

function begin(event: TouchEvent): void {
  end(false);
  const row = (event.target as Element | null)?.closest?.<HTMLElement>("#list [data-id]");
  const task = list.tasks.peek().find((one) => one.id === row?.dataset.id);
  const touch = event.touches[0];
  if (!narrow.matches || !row || !task || !touch || event.touches.length > 1 || task.state !== "open") return;
  grip = { row, task, x: touch.clientX, y: touch.clientY, moves: false, way: null };
}

function move(event: TouchEvent): void {
  const touch = event.touches[0];
  if (!grip || !touch) return;
  const across = touch.clientX - grip.x;
  const found = swipeOf(across, touch.clientY - grip.y, allowed(grip.task), grip.moves);
  // A page that scrolls is not also swiped.
  if (found === "scrolls") end(false);
  if (typeof found === "string") return;
  if (event.cancelable) event.preventDefault();
  if (!grip.moves && getComputedStyle(grip.row).position === "static") grip.row.classList.add("swipe-placed");
  grip.moves = true;
  grip.way = found.way;
  grip.row.dataset.swipe = found.to;
  grip.row.dataset.swipeLabel = found.to === "claim" ? t("task.claim") : t("task.defer");
  grip.row.classList.toggle("swipe-far", found.way !== null);
  grip.row.style.setProperty("--swipe", `${found.shift}px`);
}

function end(acts: boolean): void {
  const { row, task, way, moves } = grip ?? {};
  grip = null;
  if (!row || !moves) return;
  row.classList.remove("swipe-far", "swipe-placed");
  delete row.dataset.swipe;
  row.style.removeProperty("--swipe");
  if (!acts || !task || !way) return;
  // The finger that leaves is no click that opens the task.
  row.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => row.removeEventListener("click", stop, { capture: true }), 300);
  if (way === "claim") void act(task, "claim");
  else openDefer((followUpDate) => void act(task, "defer", { followUpDate }));
}

function stop(event: Event): void {
  event.stopPropagation();
  event.preventDefault();
}

const allowed = (task: Task): Swipe[] =>
  task.assignee === null
    ? ["claim", "defer"]
    : task.assignee === session.user || task.candidateGroups.some((group) => session.groups.includes(group))
      ? ["defer"]
      : [];
