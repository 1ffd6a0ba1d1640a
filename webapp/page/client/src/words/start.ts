// Starting a process.
import type { Text } from "./words.ts";

export const en = {
  "start.open": "Start a process",
  "start.none": "There is no process you can start.",
  "start.reference": "Reference",
  "start.reference_hint": "Optional; people find the tasks by it.",
  "start.start": "Start",
  "start.done": "{name} has been started.",
  "start.search": "Find a process",
  "start.recent": "recent",
  "start.see": "See it in My requests",
  "start.not_there": "That process is not there for you to start.",
  "start.hint": "Ctrl Enter starts it",
};

export const de: Record<keyof typeof en, Text> = {
  "start.open": "Prozess starten",
  "start.none": "Es gibt keinen Prozess, den du starten kannst.",
  "start.reference": "Referenz",
  "start.reference_hint": "Optional; daran sind die Aufgaben zu erkennen.",
  "start.start": "Starten",
  "start.done": "{name} wurde gestartet.",
  "start.search": "Prozess finden",
  "start.recent": "zuletzt",
  "start.see": "In Meine Anträge ansehen",
  "start.not_there": "Diesen Prozess kannst du nicht starten.",
  "start.hint": "Strg Enter startet",
};
