// Whom a task may be given to, and whom the reader has chosen of late.
import { call } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import { kept } from "../state/preferences.ts";
import { byRecent, type Person } from "./person.ts";

const RECENT = 8;
const ANSWERED = 50;

const isTexts = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string");
const recent = kept<string[]>("recent people", [], isTexts);

export function remember(name: string): void {
  recent.value = [name, ...recent.value.filter((one) => one !== name)].slice(0, RECENT);
}

/** Who may be given all of these, those chosen of late first. */
export async function peopleFor(taskIds: string[], q: string, signal?: AbortSignal): Promise<Person[]> {
  const answers = await Promise.all(taskIds.map((id) => ask(id, q, signal)));
  const [first = [], ...others] = answers;
  const names = others.map((items) => new Set(items.map((one) => one.username)));
  const all = first.filter((one) => names.every((some) => some.has(one.username)));
  return byRecent(all, recent.peek());
}

// Where there are more than are told, those chosen of late are asked for by name.
async function ask(id: string, q: string, signal?: AbortSignal): Promise<Person[]> {
  const found = await one(id, q, signal);
  if (found.length < ANSWERED) return found;
  const wanted = recent.peek().filter((name) => name.includes(q) && !found.some(({ username }) => username === name));
  const more = await Promise.all(
    wanted.map(async (name) => (await one(id, name, signal)).filter(({ username }) => username === name)),
  );
  return [...more.flat(), ...found];
}

async function one(id: string, q: string, signal?: AbortSignal): Promise<Person[]> {
  const { body } = await call<{ items: Person[] }>(`${ofTask(id, "people")}?${new URLSearchParams({ q })}`, { signal });
  return body.items;
}
