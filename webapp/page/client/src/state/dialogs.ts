// Which dialog is open; one at a time.
import { signal } from "@preact/signals";
import type { ComponentChild } from "preact";

interface Opened {
  /** Another for each: what was in one of the same kind is not in the next. */
  nth: number;
  draw: () => ComponentChild;
}

export const dialog = signal<Opened | null>(null);

let opened = 0;

export const openDialog = (draw: () => ComponentChild): void => {
  opened += 1;
  dialog.value = { nth: opened, draw };
};
export const closeDialog = (): void => {
  dialog.value = null;
};
