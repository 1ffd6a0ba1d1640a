// Short messages: what was done, what was refused, and how to take it back.
import { signal } from "@preact/signals";

export interface Toast {
  number: number;
  text: string;
  kind: "info" | "good" | "error";
  undo?: () => void;
}

const LONG = { info: 4500, good: 4500, error: 9000 };
const UNDO = 10_000;
let counter = 0;

export const toasts = signal<Toast[]>([]);

/** Says it for some seconds; with `undo`, for ten. */
export function toast(text: string, kind: Toast["kind"] = "info", undo?: () => void): void {
  counter += 1;
  const one = { number: counter, text, kind, undo };
  toasts.value = [...toasts.value, one];
  setTimeout(() => dismiss(one.number), undo ? UNDO : LONG[kind]);
}

export function dismiss(number: number): void {
  toasts.value = toasts.value.filter((one) => one.number !== number);
}
