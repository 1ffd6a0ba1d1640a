// One list one can go to, with how many tasks it has.
import type { ComponentChildren } from "preact";
import type { Counted } from "../state/counts.ts";
import { t } from "../words/words.ts";

interface Given {
  to: string;
  current: boolean;
  go: () => void;
  title?: string;
  children: ComponentChildren;
}

export function Link({ to, current, go, title, children }: Given) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go();
  };
  return (
    <a href={to} title={title} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}

export function Count({ counted }: { counted: Counted | { total: number | null; totalIsAtLeast: boolean } | null }) {
  if (!counted?.total) return null;
  const { total, totalIsAtLeast } = counted;
  return (
    <span class="number" title={t("list.count", { n: total })}>
      {total > 999 ? "999+" : total}
      {totalIsAtLeast && total <= 999 ? "+" : ""}
    </span>
  );
}
