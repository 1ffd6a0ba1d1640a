// What keys and the palette can do: everything registers here, and the help is made from it.
import { signal } from "@preact/signals";
import type { Word } from "../words/words.ts";

export interface Deed {
  id: string;
  /** What it is called, in the palette and the help. */
  label: Word;
  /** As the browser names them, `Shift+ArrowDown`, or two after each other, `g m`; the first is shown. */
  keys?: string[];
  /** Under which heading of the help. */
  group: "list" | "task" | "go" | "page";
  run: () => void;
  /** Whether it can be done now; always where it is not said. */
  enabled?: () => boolean;
}

export const deeds = signal<ReadonlyMap<string, Deed>>(new Map());

/** Registers several; the answer takes them back. */
export function register(...several: Deed[]): () => void {
  const next = new Map(deeds.value);
  for (const one of several) next.set(one.id, one);
  deeds.value = next;
  return () => {
    const left = new Map(deeds.value);
    for (const one of several) if (left.get(one.id) === one) left.delete(one.id);
    deeds.value = left;
  };
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && !isTick(target)));
const isTick = (target: HTMLElement) => target instanceof HTMLInputElement && target.type === "checkbox";

/** How a pressed key is named here. */
export function named(event: KeyboardEvent): string {
  const single = event.key.length === 1;
  const shift = event.shiftKey && !single ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift}${single ? event.key.toLowerCase() : event.key}`;
}

const WINDOW = 1000;

/** Two keys within a second are one name, `g m`, where a deed has it; the first alone does nothing then. */
export class Presses {
  private first: { key: string; at: number } | null = null;

  /** The deed of this press, `"begun"` where another key may follow, null where it means nothing. */
  of(key: string, at: number, among: Iterable<Deed>): Deed | "begun" | null {
    const before = this.first && at - this.first.at <= WINDOW ? `${this.first.key} ` : "";
    this.first = null;
    let begins = false;
    let alone: Deed | null = null;
    for (const deed of among) {
      if (deed.enabled?.() === false) continue;
      for (const name of deed.keys ?? []) {
        if (before && name === before + key) return deed;
        if (name === key) alone ??= deed;
        begins ||= name.startsWith(`${key} `);
      }
    }
    if (!begins) return alone;
    this.first = { key, at };
    return "begun";
  }

  forget(): void {
    this.first = null;
  }
}

export function listenToKeys(): void {
  const presses = new Presses();
  addEventListener("keydown", (event) => {
    if (/^(Shift|Control|Alt|AltGraph|Meta)$/.test(event.key)) return;
    const key = named(event);
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return presses.forget();
    if (isTyping(event.target) && !key.startsWith("Ctrl+")) {
      presses.forget();
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    const found = presses.of(key, event.timeStamp, deeds.value.values());
    if (found) event.preventDefault();
    if (found && found !== "begun") found.run();
  });
}
