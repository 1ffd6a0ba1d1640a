// The lists one can go to, each with how many it has.
import type { ComponentChildren } from "preact";
import { scopeCounts } from "../state/counts.ts";
import { goTo, place, type Tab, tab } from "../state/place.ts";
import { savedFilters } from "../state/saved_filters.ts";
import { session } from "../state/session.ts";
import { t, type Word } from "../words/words.ts";
import "./sidebar.css";

const TASKS: Tab[] = ["mine", "group", "unassigned", "deferred", "completed", "visible"];
const BESIDE: Tab[] = ["requests", "running", "workpieces"];
/** Which number stands beside a list; the completed only grow. */
const COUNTED: Partial<Record<Tab, string>> = {
  mine: "mine",
  group: "group",
  unassigned: "unassigned",
  visible: "visible",
};

export function Sidebar() {
  return (
    <nav class="sidebar" aria-label={t("app.lists")}>
      <ul>
        {TASKS.map((one) => (
          <Item key={one} to={one} />
        ))}
      </ul>
      {savedFilters.value?.length ? (
        <>
          <h2>{t("saved.heading")}</h2>
          <ul>
            {savedFilters.value.map((one) => (
              <li key={one.id}>
                <Link
                  to={`?tab=saved&saved=${encodeURIComponent(one.id)}`}
                  current={place.value.saved === one.id}
                  go={() => goTo("saved", { saved: one.id })}
                >
                  <span class="name" dir="auto">
                    {one.name}
                  </span>
                  <Count total={one.total} atLeast={one.totalIsAtLeast} />
                </Link>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <ul>
        {BESIDE.map((one) => (
          <Item key={one} to={one} />
        ))}
        {session.isOperator && <Item to="operate" />}
      </ul>
    </nav>
  );
}

function Item({ to }: { to: Tab }) {
  const counted = COUNTED[to] && scopeCounts.value?.[COUNTED[to]];
  return (
    <li>
      <Link to={`?tab=${to}`} current={tab.value === to} go={() => goTo(to)}>
        <span class="name">{t(`tab.${to}` as Word)}</span>
        {counted && <Count total={counted.total} atLeast={counted.totalIsAtLeast} />}
      </Link>
    </li>
  );
}

interface Given {
  to: string;
  current: boolean;
  go: () => void;
  children: ComponentChildren;
}

function Link({ to, current, go, children }: Given) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go();
  };
  return (
    <a href={to} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}

function Count({ total, atLeast }: { total: number | null; atLeast: boolean }) {
  if (!total) return null;
  return (
    <span class="number" title={t("list.count", { n: total })}>
      {total > 999 ? "999+" : total}
      {atLeast && total <= 999 ? "+" : ""}
    </span>
  );
}
