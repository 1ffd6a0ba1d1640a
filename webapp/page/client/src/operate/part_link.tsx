// A link to a part of the operator's page.
import type { ComponentChildren } from "preact";
import { go } from "../state/place.ts";

interface Given {
  part: string;
  task?: string | null;
  filters?: string[];
  q?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** Leads to a part of this page, in this tab as long as nobody wants another. */
export function PartLink({ part, task = null, filters = [], q = "", current, children }: Given) {
  const address = new URLSearchParams({ tab: "operate", part });
  for (const one of filters) address.append("filter", one);
  if (q) address.set("q", q);
  if (task) address.set("task", task);
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ tab: "operate", part, task, q, filters });
  };
  return (
    <a href={`?${address}`} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
