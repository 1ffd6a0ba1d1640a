// What a telephone has under the thumb: two lists, search, start, everything else.
import type { ComponentChildren } from "preact";
import { openStart } from "../start/start.tsx";
import { overdue, scopeCounts } from "../state/counts.ts";
import { isMenuOpen } from "../state/menu.ts";
import { isPaletteOpen } from "../state/palette.ts";
import { goTo, type Tab, tab } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import { GroupMark, MineMark, MoreMark, SearchMark, StartMark } from "./marks.tsx";
import "./bottom_bar.css";

export function BottomBar() {
  return (
    <nav class="bottom-bar" aria-label={t("app.bottom")}>
      <ToList to="mine" mark={<MineMark />} />
      <ToList to="group" mark={<GroupMark />} />
      <button type="button" onClick={() => (isPaletteOpen.value = true)}>
        <SearchMark />
        <span>{t("app.search")}</span>
      </button>
      <button type="button" onClick={() => openStart()}>
        <StartMark />
        <span>{t("start.start")}</span>
      </button>
      <button type="button" aria-expanded={isMenuOpen.value} onClick={() => (isMenuOpen.value = !isMenuOpen.value)}>
        <MoreMark />
        <span>{t("app.more")}</span>
      </button>
    </nav>
  );
}

function ToList({ to, mark }: { to: Tab; mark: ComponentChildren }) {
  const total = scopeCounts.value?.[to]?.total ?? 0;
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    isMenuOpen.value = false;
    goTo(to);
  };
  return (
    <a href={`?tab=${to}`} aria-current={tab.value === to ? "page" : undefined} onClick={follow}>
      {mark}
      <span>{t(`bottom.${to}` as Word)}</span>
      {total > 0 && (
        <b class={to === "mine" && overdue.value ? "late" : ""} title={t("list.count", { n: total })}>
          {total > 99 ? "99+" : total}
        </b>
      )}
    </a>
  );
}
