// What the address says is shown; going back and links lead to the same.
import { computed, signal } from "@preact/signals";
import type { Deferred, Filter, Question, Scope } from "../api/shapes.ts";

export type Tab =
  | "mine"
  | "group"
  | "unassigned"
  | "deferred"
  | "completed"
  | "visible"
  | "involved"
  | "saved"
  | "workpieces"
  | "running"
  | "requests"
  | "operate";

export interface Place {
  tab: Tab;
  /** Id of the saved filter where `tab` is `saved`. */
  saved: string | null;
  /** Id of the task, entry or instance that is open beside the list. */
  task: string | null;
  q: string;
  filters: Filter[];
  sort: string;
  /** Whether deferred tasks are shown, too. */
  deferred: boolean;
  /** A part of a page that has parts, as the operator's. */
  part: string;
}

export const TABS: readonly Tab[] = [
  "mine",
  "group",
  "unassigned",
  "deferred",
  "completed",
  "visible",
  "involved",
  "saved",
  "workpieces",
  "running",
  "requests",
  "operate",
];
const BESIDE: readonly Tab[] = ["workpieces", "running", "requests", "operate"];
const FIRST: Place = { tab: "mine", saved: null, task: null, q: "", filters: [], sort: "", deferred: false, part: "" };

/** Reads an address's parameters; what cannot be read is left out. */
export function readPlace(address: string): Place {
  const found = new URLSearchParams(address);
  const tab = found.get("tab") as Tab;
  return {
    tab: TABS.includes(tab) ? tab : "mine",
    saved: found.get("saved"),
    task: found.get("task"),
    q: found.get("q") ?? "",
    filters: found.getAll("filter").flatMap(readFilter),
    sort: found.get("sort") ?? "",
    deferred: found.has("deferred"),
    part: found.get("part") ?? "",
  };
}

/** The same as an address. */
export function writePlace(place: Place): string {
  const shown = new URLSearchParams({ tab: place.tab });
  if (place.saved) shown.set("saved", place.saved);
  if (place.q) shown.set("q", place.q);
  for (const one of place.filters) shown.append("filter", typeof one === "string" ? one : JSON.stringify(one));
  if (place.sort) shown.set("sort", place.sort);
  if (place.deferred) shown.set("deferred", "");
  if (place.part) shown.set("part", place.part);
  if (place.task) shown.set("task", place.task);
  return `?${shown}`;
}

function readFilter(text: string): Filter[] {
  if (!text.startsWith("{")) return text.trim() ? [text] : [];
  try {
    return [JSON.parse(text) as Filter];
  } catch {
    return [];
  }
}

/** What a list of tasks asks for; a saved filter's own question comes first. */
export function questionOf(place: Place, saved?: Partial<Question>): Question {
  const scopes: Partial<Record<Tab, Scope>> = { deferred: "visible", saved: saved?.scope ?? "visible" };
  const scope = scopes[place.tab] ?? (place.tab as Scope);
  const deferred: Deferred = place.tab === "deferred" ? "only" : place.deferred ? "show" : (saved?.deferred ?? "hide");
  // The server says null of a question without filters.
  const kept = saved?.filter ? [saved.filter].flat() : [];
  const byDefault = scope === "completed" ? "-endTime" : place.tab === "deferred" ? "followUpDate" : null;
  return {
    scope,
    filter: [...kept, ...place.filters],
    q: [saved?.q, place.q].filter(Boolean).join(" "),
    deferred,
    sort: place.sort || saved?.sort || byDefault,
  };
}

export const place = signal<Place>(typeof location === "undefined" ? FIRST : readPlace(location.search));
export const tab = computed(() => place.value.tab);
export const opened = computed(() => place.value.task);
/** Whether a list of tasks is shown, and not something beside it. */
export const isOfTasks = computed(() => !BESIDE.includes(place.value.tab));

/** Shows something else; `replace`: going back does not return to what was shown before. */
export function go(changes: Partial<Place>, { replace = false } = {}): void {
  const next = { ...place.peek(), ...changes };
  history[replace ? "replaceState" : "pushState"](null, "", writePlace(next));
  place.value = next;
}

/** Another list, without what was asked of the one before. */
export const goTo = (next: Tab, changes: Partial<Place> = {}) => go({ ...FIRST, tab: next, ...changes });

export function followAddress(): void {
  addEventListener("popstate", () => {
    place.value = readPlace(location.search);
  });
}
