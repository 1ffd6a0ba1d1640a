// Starting a process.
import type { Text } from "./words.ts";

export const en = {
  "start.open": "Start a process",
  "start.none": "There is no process you can start.",
  "start.reference": "Reference",
  "start.reference_hint": "Optional; people find the tasks by it.",
  "start.start": "Start",
  "start.done": "{name} has been started.",
};

export const de: Record<keyof typeof en, Text> = {
  "start.open": "Prozess starten",
  "start.none": "Es gibt keinen Prozess, den du starten kannst.",
  "start.reference": "Referenz",
  "start.reference_hint": "Optional; daran sind die Aufgaben zu erkennen.",
  "start.start": "Starten",
  "start.done": "{name} wurde gestartet.",
};
