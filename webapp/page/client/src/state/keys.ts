// What keys and the palette can do: everything registers here, and the help is made from it.
import { signal } from "@preact/signals";
import type { Word } from "../words/words.ts";

export interface Deed {
  id: string;
  /** What it is called, in the palette and the help. */
  label: Word;
  /** As the browser names them, `Shift+ArrowDown`; the first is shown. */
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

export function listenToKeys(): void {
  addEventListener("keydown", (event) => {
    const key = named(event);
    if (document.querySelector("dialog[open]") && key !== "Ctrl+k") return;
    if (isTyping(event.target) && !key.startsWith("Ctrl+")) {
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      return;
    }
    for (const deed of deeds.value.values()) {
      if (!deed.keys?.includes(key) || deed.enabled?.() === false) continue;
      event.preventDefault();
      deed.run();
      return;
    }
  });
}
