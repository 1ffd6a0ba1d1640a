// Keys of the list.
import { useEffect } from "preact/hooks";
import { openStart } from "../start/start.tsx";
import { register } from "../state/keys.ts";
import { list } from "../state/lists.ts";
import { go, opened } from "../state/place.ts";

export function useListKeys(): void {
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

function step(by: number): void {
  const order = list.tasks.value.map((task) => task.id);
  if (!order.length) return;
  const here = document.activeElement?.closest<HTMLElement>("#list [data-id]")?.dataset.id ?? opened.value ?? "";
  const index = order.indexOf(here);
  const id = order[index < 0 ? 0 : Math.min(Math.max(index + by, 0), order.length - 1)]!;
  document.querySelector<HTMLElement>(`#list [data-id="${CSS.escape(id)}"] button`)?.focus();
  if (opened.value) go({ task: id }, { replace: true });
}
