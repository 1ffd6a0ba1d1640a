// Order, deferred ones, cards or table.
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";

const SORTS: [string, Word][] = [
  ["", "list.sort.urgent"],
  ["dueDate", "list.sort.due"],
  ["-createTime", "list.sort.newest"],
  ["name", "list.sort.name"],
];

export function Toolbar() {
  const { tab, sort, deferred } = place.value;
  if (tab === "completed" || tab === "involved") return null;
  return (
    <div class="toolbar">
      <label class="toggle">
        {t("list.sort")}{" "}
        <select
          aria-label={t("list.sort_by")}
          value={sort}
          onChange={(event) => go({ sort: event.currentTarget.value })}
        >
          {SORTS.map(([value, word]) => (
            <option key={value} value={value}>
              {t(word)}
            </option>
          ))}
          {!SORTS.some(([value]) => value === sort) && <option value={sort}>{sort}</option>}
        </select>
      </label>
      {tab !== "deferred" && (
        <label class="toggle">
          <input
            type="checkbox"
            checked={deferred}
            onChange={(event) => go({ deferred: event.currentTarget.checked })}
          />
          {t("list.deferred_too")}
        </label>
      )}
    </div>
  );
}
