// The lists one can go to, each with how many it has; on narrow screens a menu.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { titleOfList } from "../list/list.tsx";
import { type Counted, deferredCount, scopeCounts } from "../state/counts.ts";
import { goTo, isOfTasks, place, type Tab, tab } from "../state/place.ts";
import { session } from "../state/session.ts";
import { t, type Word } from "../words/words.ts";
import { Count, Link } from "./link.tsx";
import { Saved } from "./saved.tsx";
import "./sidebar.css";

const TASKS: Tab[] = ["mine", "group", "unassigned", "deferred", "completed", "visible"];
const BESIDE: Tab[] = ["requests", "running", "workpieces"];
/** The completed only grow: no number. */
const COUNTED: Tab[] = ["mine", "group", "unassigned", "visible"];

export function Sidebar() {
  const [isOpen, setOpen] = useState(false);
  const own = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  // Whoever has chosen a list wants to see it.
  useEffect(() => setOpen(false), [place.value.tab, place.value.saved]);
  useEffect(() => {
    if (!isOpen) return;
    const outside = (event: Event) => own.current?.contains(event.target as Node) || setOpen(false);
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    event.stopPropagation();
    setOpen(false);
    opener.current?.focus();
  };
  const title = isOfTasks.value ? titleOfList() : t(`title.${tab.value}` as Word);
  return (
    <nav ref={own} class={`sidebar${isOpen ? " open" : ""}`} aria-label={t("app.lists")} onKeyDown={key}>
      <button
        ref={opener}
        type="button"
        class="menu-opener"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <span class="name" dir="auto">
          {title}
        </span>
        <Count counted={countOf(tab.value)} />
        <span class="all">{t("menu.open")}</span>
      </button>
      <div id={id} class="lists">
        <ul>
          {TASKS.map((one) => (
            <Item key={one} to={one} />
          ))}
        </ul>
        <Saved />
        <ul>
          {BESIDE.map((one) => (
            <Item key={one} to={one} />
          ))}
          {session.isOperator && <Item to="operate" />}
        </ul>
      </div>
    </nav>
  );
}

function Item({ to }: { to: Tab }) {
  return (
    <li>
      <Link to={`?tab=${to}`} current={tab.value === to && !place.value.saved} go={() => goTo(to)}>
        <span class="name">{t(`tab.${to}` as Word)}</span>
        <Count counted={countOf(to)} />
      </Link>
    </li>
  );
}

function countOf(which: Tab): Counted | null {
  if (which === "deferred") return deferredCount.value;
  return (COUNTED.includes(which) && scopeCounts.value?.[which]) || null;
}
