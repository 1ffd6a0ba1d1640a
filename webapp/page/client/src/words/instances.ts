// Processes and business data.
import type { Text } from "./words.ts";

export const en = {
  "work.started_by": "started by {who}",
  "work.started": "started",
  "work.tasks": "Tasks",
  "work.no_tasks": "No open task that you can see.",
  "work.open": "Open it",
  "work.empty.workpieces": "No business data is shared with you yet.",
  "work.empty.running": "No process of yours is running. Start one, or take part in one.",
  "work.not_there": "That is not there for you.",
  "state.PRELIMINARY": "not begun",
  "state.IN_PROGRESS": "in progress",
  "state.COMPLETED": "completed",
  "state.CANCELLED": "cancelled",
  "run.RUNNING": "running",
  "run.SUSPENDED": "suspended",
  "run.FINISHED": "finished",
  "run.CANCELLED": "cancelled",
};

export const de: Record<keyof typeof en, Text> = {
  "work.started_by": "gestartet von {who}",
  "work.started": "gestartet",
  "work.tasks": "Aufgaben",
  "work.no_tasks": "Keine offene Aufgabe, die du sehen kannst.",
  "work.open": "Öffnen",
  "work.empty.workpieces": "Noch sind keine Geschäftsdaten für dich freigegeben.",
  "work.empty.running": "Kein Prozess von dir läuft gerade. Starte einen oder wirke an einem mit.",
  "work.not_there": "Das ist für dich nicht da.",
  "state.PRELIMINARY": "nicht begonnen",
  "state.IN_PROGRESS": "in Arbeit",
  "state.COMPLETED": "abgeschlossen",
  "state.CANCELLED": "abgebrochen",
  "run.RUNNING": "läuft",
  "run.SUSPENDED": "angehalten",
  "run.FINISHED": "beendet",
  "run.CANCELLED": "abgebrochen",
};
