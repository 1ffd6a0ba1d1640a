// What narrows a list, and what is kept under a name.
import type { Text } from "./words.ts";

export const en = {
  "saved.heading": "Saved filters",
};

export const de: Record<keyof typeof en, Text> = {
  "saved.heading": "Gespeicherte Filter",
};
