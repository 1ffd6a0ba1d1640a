// Short messages: what was done, what was refused, and how to take it back.
import { signal } from "@preact/signals";
import type { Word } from "../words/words.ts";

export interface Toast {
  number: number;
  text: string;
  kind: "info" | "good" | "error";
  more?: More;
}
/** What can be done about it. */
export interface More {
  label: Word;
  run: () => void;
}

const LONG = { info: 4500, good: 4500, error: 9000 };
const UNDO = 10_000;
let counter = 0;

export const toasts = signal<Toast[]>([]);

/** Says it for some seconds; with something to do about it, for ten. A function alone takes it back. */
export function toast(text: string, kind: Toast["kind"] = "info", more?: More | (() => void)): void {
  counter += 1;
  const one = { number: counter, text, kind, more: typeof more === "function" ? undoBy(more) : more };
  toasts.value = [...toasts.value, one];
  setTimeout(() => dismiss(one.number), more ? UNDO : LONG[kind]);
}

export function dismiss(number: number): void {
  toasts.value = toasts.value.filter((one) => one.number !== number);
}

/** What was done last and can still be taken back. */
const undoable = (): Toast | undefined => toasts.value.findLast((one) => one.more?.label === "undo");

export const canUndo = (): boolean => undoable() !== undefined;

export function undo(): void {
  const last = undoable();
  if (!last) return;
  dismiss(last.number);
  last.more?.run();
}

const undoBy = (run: () => void): More => ({ label: "undo", run });
