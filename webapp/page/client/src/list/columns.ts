// The columns of the table: which there are, which are shown in which order, how wide each is.
import type { Json, Task } from "../api/shapes.ts";
import type { Word } from "../words/words.ts";

export interface Column {
  /** As the order is asked for: `dueDate`, `payload.customer.city`. */
  path: string;
  word: Word | null;
  width: number;
  sorts: boolean;
}

export const NAME = "name";
export const NARROWEST = 48;
export const WIDEST = 900;
/** Of data; what lies deeper is not worth a column. */
const DEEPEST = 4;
const MOST = 80;
const OF_DATA = 130;

export const KNOWN: readonly Column[] = [
  { path: NAME, word: "column.name", width: 200, sorts: true },
  { path: "businessKey", word: "column.businessKey", width: 112, sorts: true },
  { path: "processName", word: "column.processName", width: 120, sorts: true },
  { path: "application", word: "column.application", width: 110, sorts: true },
  { path: "assignee", word: "column.assignee", width: 100, sorts: true },
  { path: "dueDate", word: "column.dueDate", width: 168, sorts: true },
  { path: "followUpDate", word: "column.followUpDate", width: 120, sorts: true },
  { path: "createTime", word: "column.createTime", width: 120, sorts: true },
  { path: "priority", word: "column.priority", width: 90, sorts: true },
  { path: "description", word: "column.description", width: 200, sorts: true },
  { path: "candidateGroups", word: "column.candidateGroups", width: 140, sorts: false },
];

const FIRST = [NAME, "businessKey", "assignee", "dueDate", "priority"];
const FIRST_WIDE = [NAME, "processName", "businessKey", "assignee", "dueDate", "priority", "createTime"];

/** Those of a reader who has not chosen any. */
export const firstColumns = (wide: boolean, isDeferred = false): string[] => {
  const paths = wide ? FIRST_WIDE : FIRST;
  return isDeferred ? paths.map((path) => (path === "dueDate" ? "followUpDate" : path)) : paths;
};

export const columnOf = (path: string): Column =>
  KNOWN.find((one) => one.path === path) ?? { path, word: null, width: OF_DATA, sorts: true };

/** Whether that is a choice of columns; the name is always among them. */
export const areColumns = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string") && value.includes(NAME);

export const areWidths = (value: unknown): value is Record<string, number> =>
  typeof value === "object" && value !== null && Object.values(value).every(Number.isFinite);

export const within = (width: number): number => Math.min(Math.max(Math.round(width), NARROWEST), WIDEST);

/** With the column one place further on, or back. */
export function moved(paths: readonly string[], path: string, by: number): string[] {
  const index = paths.indexOf(path);
  const to = Math.min(Math.max(index + by, 0), paths.length - 1);
  const left = paths.filter((one) => one !== path);
  return index < 0 ? [...paths] : [...left.slice(0, to), path, ...left.slice(to)];
}

/** Paths of plain values in the data of these tasks. */
export function pathsOf(tasks: readonly Task[]): string[] {
  const found = new Set<string>();
  const look = (value: Json | undefined, path: string, depth: number) => {
    if (value === null || value === undefined || depth > DEEPEST || found.size >= MOST) return;
    if (Array.isArray(value)) return look(value[0], path, depth);
    if (typeof value !== "object") found.add(path);
    else for (const [name, inner] of Object.entries(value)) look(inner, `${path}.${name}`, depth + 1);
  };
  for (const task of tasks) look(task.payload, "payload", 0);
  return [...found].sort();
}
