// What the palette offers: lists, saved filters, processes, deeds; tasks are searched on the server.
import { call } from "../api/calls.ts";
import type { Task } from "../api/shapes.ts";
import { type Definition, definitions, refOf } from "../start/definitions.ts";
import { openStartOf } from "../start/start.tsx";
import { nameOf } from "../state/commands.ts";
import { deeds } from "../state/keys.ts";
import { go, goTo, isOfTasks } from "../state/place.ts";
import { recentChoices } from "../state/preferences.ts";
import { savedFilters } from "../state/saved_filters.ts";
import { t, type Word } from "../words/words.ts";
import { lists } from "./keys.ts";
import { fit } from "./palette_match.ts";

export interface Entry {
  id: string;
  name: string;
  /** What is said beside it. */
  about?: string;
  key?: string;
  run: () => void;
}
export interface Section {
  id: "recent" | "lists" | "deeds" | "processes" | "tasks";
  entries: Entry[];
}

const TASKS = 8;
const PROCESSES = 8;
const RECENT = 5;

/** All that fits, without the tasks. */
export function offered(typed: string, processes: Definition[]): Section[] {
  const all: Section[] = [
    { id: "lists", entries: [...listEntries(), ...savedEntries()] },
    { id: "deeds", entries: deedEntries() },
    { id: "processes", entries: processes.map(processEntry) },
  ];
  if (!typed.trim()) return [recentOf(all), ...all.map(fewer)];
  return all.map(({ id, entries }) => ({ id, entries: best(typed, entries).slice(0, PROCESSES) }));
}

/** Tasks that fit, and the way to all of them. */
export async function tasksOf(typed: string, signal: AbortSignal): Promise<Entry[]> {
  const body = { scope: "visible", q: typed, deferred: "show", size: TASKS };
  const found = await call<{ items: Task[] }>("/tasks/search", { method: "POST", body, signal });
  return [...found.body.items.map(taskEntry), allOf(typed)];
}

export const readProcesses = (): Promise<Definition[]> => definitions().catch(() => []);

function best(typed: string, entries: Entry[]): Entry[] {
  const recent = recentChoices.peek();
  const rank = (entry: Entry) => fit(typed, entry.name) + (recent.includes(entry.id) ? 0.5 : 0);
  return entries.filter((entry) => fit(typed, entry.name)).sort((one, other) => rank(other) - rank(one));
}

function recentOf(all: Section[]): Section {
  const known = new Map(all.flatMap(({ entries }) => entries).map((entry) => [entry.id, entry]));
  const entries = recentChoices.peek().flatMap((id) => known.get(id) ?? []);
  return { id: "recent", entries: entries.slice(0, RECENT).map((entry) => ({ ...entry, id: `recent ${entry.id}` })) };
}

const fewer = (section: Section): Section =>
  section.id === "processes" ? { ...section, entries: section.entries.slice(0, RECENT) } : section;

const listEntries = (): Entry[] =>
  lists().map(([tab, key]) => ({
    id: `list ${tab}`,
    name: t(`tab.${tab}` as Word),
    key: `g ${key}`,
    run: () => goTo(tab),
  }));

const savedEntries = (): Entry[] =>
  (savedFilters.peek() ?? []).map((one) => ({
    id: `saved ${one.id}`,
    name: one.name,
    about: t("tab.saved"),
    run: () => goTo("saved", { saved: one.id }),
  }));

// Going to lists stands among the lists, and the palette does not offer itself.
const deedEntries = (): Entry[] =>
  [...deeds.peek().values()]
    .filter((deed) => deed.group !== "go" && deed.id !== "palette" && deed.enabled?.() !== false)
    .map((deed) => ({ id: `deed ${deed.id}`, name: t(deed.label), key: deed.keys?.[0], run: deed.run }));

const processEntry = (one: Definition): Entry => ({
  id: `process ${refOf(one)}`,
  name: one.name ?? one.key,
  about: one.application,
  run: () => openStartOf(one),
});

const taskEntry = (task: Task): Entry => ({
  id: `task ${task.id}`,
  name: nameOf(task),
  about: [task.businessKey, task.processName ?? task.application].filter(Boolean).join(" · "),
  run: () => (isOfTasks.peek() ? go({ task: task.id }) : goTo("visible", { task: task.id })),
});

const allOf = (typed: string): Entry => ({
  id: "task all",
  name: t("palette.all", { q: typed }),
  run: () => goTo("visible", { q: typed, deferred: true }),
});
