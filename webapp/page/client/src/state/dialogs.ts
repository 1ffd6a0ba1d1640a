// Which dialog is open; one at a time.
import { signal } from "@preact/signals";
import type { ComponentChild } from "preact";

export const dialog = signal<(() => ComponentChild) | null>(null);

export const openDialog = (draw: () => ComponentChild): void => {
  dialog.value = draw;
};
export const closeDialog = (): void => {
  dialog.value = null;
};
