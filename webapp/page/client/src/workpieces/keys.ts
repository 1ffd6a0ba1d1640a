// Keys of the lists beside those of tasks.
import { useEffect } from "preact/hooks";
import { openStart } from "../start/start.tsx";
import { register } from "../state/keys.ts";
import { go, opened } from "../state/place.ts";

export function useRowKeys(): void {
  useEffect(
    () =>
      register(
        { id: "next", label: "keys.next", group: "list", keys: ["j", "ArrowDown"], run: () => step(1) },
        { id: "previous", label: "keys.previous", group: "list", keys: ["k", "ArrowUp"], run: () => step(-1) },
        {
          id: "search",
          label: "keys.search",
          group: "list",
          keys: ["/"],
          run: () => document.getElementById("search")?.focus(),
        },
        { id: "start", label: "keys.start", group: "page", keys: ["s"], run: openStart },
        {
          id: "close",
          label: "keys.close",
          group: "task",
          keys: ["Escape"],
          enabled: () => opened.value !== null,
          run: () => go({ task: null }),
        },
      ),
    [],
  );
}

/** Gives the focus to the row of that id. */
export function focusRow(id: string): void {
  document.querySelector<HTMLElement>(`#list [data-id="${CSS.escape(id)}"] button`)?.focus();
}

function step(by: number): void {
  const order = [...document.querySelectorAll<HTMLElement>("#list [data-id]")].map((row) => row.dataset.id!);
  if (!order.length) return;
  const here = document.activeElement?.closest<HTMLElement>("#list [data-id]")?.dataset.id ?? opened.value ?? "";
  const index = order.indexOf(here);
  const id = order[index < 0 ? 0 : Math.min(Math.max(index + by, 0), order.length - 1)]!;
  focusRow(id);
  if (opened.value) go({ task: id }, { replace: true });
}
