// Order, headings, deferred ones, cards or table.
import { go, place } from "../state/place.ts";
import { byDay, type Layout, layout } from "../state/preferences.ts";
import { t, type Word } from "../words/words.ts";
import { sortTitle } from "./column_titles.ts";
import { isByDay } from "./drawn.ts";
import { isNarrow, shownLayout } from "./layout.ts";
// With the page: what is fetched later brings no styles.
import "./columns_dialog.css";

const SORTS: [string, Word][] = [
  ["", "list.sort.urgent"],
  ["dueDate", "list.sort.due"],
  ["-createTime", "list.sort.newest"],
  ["name", "list.sort.name"],
];

export function Toolbar() {
  const { tab } = place.value;
  return (
    <div class="toolbar">
      {tab !== "completed" && tab !== "involved" && <Order />}
      {!isNarrow.value && <Layouts />}
    </div>
  );
}

function Order() {
  const { tab, sort, deferred } = place.value;
  const group = (wanted: boolean) => {
    byDay.value = wanted;
    if (wanted && !isByDay()) go({ sort: "" });
  };
  return (
    <>
      <label class="toggle">
        {t("list.sort")}{" "}
        <select
          aria-label={t("list.sort_by")}
          value={sort}
          onChange={(event) => go({ sort: event.currentTarget.value })}
        >
          {SORTS.map(([value, word]) => (
            <option key={value} value={value}>
              {t(isByDay() && !value ? "list.sort.day" : word)}
            </option>
          ))}
          {!SORTS.some(([value]) => value === sort) && <option value={sort}>{sortTitle(sort)}</option>}
        </select>
      </label>
      <Tick word="list.by_day" checked={isByDay()} change={group} />
      {tab !== "deferred" && (
        <Tick word="list.deferred_too" checked={deferred} change={(wanted) => go({ deferred: wanted })} />
      )}
    </>
  );
}

function Tick({ word, checked, change }: { word: Word; checked: boolean; change: (wanted: boolean) => void }) {
  return (
    <label class="toggle">
      <input type="checkbox" checked={checked} onChange={(event) => change(event.currentTarget.checked)} />
      {t(word)}
    </label>
  );
}

const LAYOUTS: Layout[] = ["cards", "table"];

function Layouts() {
  // Asked for only then: few choose columns.
  const columns = () => void import("./columns_dialog.tsx").then(({ openColumns }) => openColumns());
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for what is sent */}
      <span class="layouts" role="group" aria-label={t("list.layout")}>
        {LAYOUTS.map((one) => (
          <button
            key={one}
            type="button"
            aria-pressed={shownLayout.value === one}
            onClick={() => {
              layout.value = one;
            }}
          >
            {t(`list.${one}`)}
          </button>
        ))}
      </span>
      {shownLayout.value === "table" && (
        <button type="button" class="plain" onClick={columns}>
          {t("columns.open")}
        </button>
      )}
    </>
  );
}
