// All tasks a list asks for, page by page, as a file.
import { call } from "../api/calls.ts";
import type { Question, Task, TaskPage } from "../api/shapes.ts";
import { zone } from "../words/moments.ts";
import { t } from "../words/words.ts";
import { clockText } from "../words/zones.ts";
import { csvOf } from "./csv.ts";

export const MOST_ROWS = 10_000;
const SIZE = 200;

export interface Exported {
  text: string;
  rows: number;
  isCut: boolean;
}

/** Reads them and tells of every page how many there are so far; aborted by the signal. */
export async function exported(
  question: Question,
  given: AbortSignal,
  tell: (done: number, all: number) => void,
): Promise<Exported> {
  const { scope, filter, q, deferred, sort } = question;
  const asked = { scope, filter: filter.length ? filter : null, q, deferred, sort, size: SIZE };
  const found = new Map<string, Task>();
  let after: string | null = null;
  do {
    const body: object = { ...asked, after };
    const { body: page } = await call<TaskPage>("/tasks/search", { method: "POST", body, signal: given });
    for (const task of page.items) if (found.size < MOST_ROWS) found.set(task.id, task);
    after = page.next;
    tell(found.size, Math.min(Math.max(page.total, found.size), MOST_ROWS));
  } while (after && found.size < MOST_ROWS);
  const rows = [...found.values()].map(rowOf);
  return { text: csvOf([headings(), ...rows]), rows: rows.length, isCut: after !== null };
}

/** Hands a text to the browser as a file. */
export function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

const headings = () => [
  t("csv.name"),
  t("csv.process"),
  t("csv.businessKey"),
  t("csv.assignee"),
  t("csv.due"),
  t("csv.priority"),
  t("csv.created"),
  t("csv.application"),
  t("csv.link"),
];

const rowOf = (task: Task) => [
  task.name ?? task.taskDefinitionKey,
  task.processName,
  task.businessKey,
  task.assignee,
  moment(task.dueDate),
  task.priority,
  moment(task.createTime),
  task.application,
  `${location.origin}/?tab=visible&task=${encodeURIComponent(task.id)}`,
];

// In the reader's time zone, as spreadsheets know it.
const moment = (iso: string | null) => iso && clockText(new Date(iso).getTime(), zone.peek()).replace("T", " ");
