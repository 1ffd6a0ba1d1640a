// The middle: what is listed, how it is asked for, and the rows.
import { computed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ColorDot } from "../filters/color_dot.tsx";
import { current, isChanging } from "../filters/kept.ts";
import { refusedSaid } from "../filters/refused.ts";
import { list } from "../state/lists.ts";
import { place } from "../state/place.ts";
import { pageTitle } from "../state/title.ts";
import { locale, t, type Word } from "../words/words.ts";
import { BulkBar } from "./bulk_bar.tsx";
import { Cards } from "./cards.tsx";
import { Empty } from "./empty.tsx";
import { FilterBar } from "./filter_bar.tsx";
import { followRows } from "./focus.ts";
import { useListKeys } from "./keys.ts";
import { shownLayout } from "./layout.ts";
import { More } from "./more.tsx";
import { NewOnes } from "./new_ones.tsx";
import { followScroll } from "./scrolled.ts";
import { Table } from "./table.tsx";
import { Toolbar } from "./toolbar.tsx";
import "./list.css";

/** The saved filter that is shown as it was kept. */
const shownFilter = computed(() => (isChanging.value ? null : current.value));

export function titleOfList(): string {
  const { tab } = place.value;
  if (tab === "saved") return shownFilter.value?.name ?? t("title.saved");
  return t(`title.${tab}` as Word);
}

export function List() {
  useListKeys();
  useEffect(followRows, []);
  useEffect(followScroll, []);
  useEffect(() => {
    pageTitle.value = titleOfList();
  });
  return (
    <section class="column of-tasks" aria-labelledby="list-title">
      <div class="tools">
        <ColorDot of={shownFilter.value} />
        <h1 id="list-title" dir="auto">
          {titleOfList()}
        </h1>
        <Count />
        <Toolbar />
      </div>
      {shownFilter.value?.description && (
        <p class="filter-about" dir="auto">
          {shownFilter.value.description}
        </p>
      )}
      <FilterBar />
      <div class="rows">
        <NewOnes />
        {list.refused.value ? <Refused /> : shownLayout.value === "table" ? <Table /> : <Cards />}
        {!list.busy.value && !list.refused.value && list.tasks.value.length === 0 && <Empty />}
        <More />
      </div>
      <BulkBar />
    </section>
  );
}

function Count() {
  const n = Math.max(list.total.value, list.tasks.value.length);
  const said = useSaid(n ? t("list.count", { n }) : "");
  return (
    <>
      {n > 0 && (
        <span class="count" title={t("list.count", { n })}>
          {n.toLocaleString(locale.value)}
          {list.atLeast.value ? "+" : ""}
        </span>
      )}
      {/* A number alone says nothing to who hears it. */}
      <span class="unseen" role="status">
        {said}
      </span>
    </>
  );
}

const SAID_FOR = 1500;

/** Only while it is news: what is still there when a dialog closes would be said again. */
function useSaid(text: string): string {
  const [said, setSaid] = useState("");
  useEffect(() => {
    setSaid(text);
    const over = setTimeout(() => setSaid(""), SAID_FOR);
    return () => clearTimeout(over);
  }, [text]);
  return said;
}

function Refused() {
  return (
    <p class="empty" role="alert">
      {t("list.refused")} {refusedSaid.value ? "" : list.refused.value?.message}
    </p>
  );
}
