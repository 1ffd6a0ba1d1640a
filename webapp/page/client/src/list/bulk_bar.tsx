// What one can do with all the rows that are chosen.
import { list } from "../state/lists.ts";
import { chooseNone, chosen, MOST } from "../state/selection.ts";
import { t } from "../words/words.ts";
import {
  actOnChosen,
  assignChosen,
  canComplete,
  changeChosen,
  chooseAll,
  commentOnChosen,
  completeChosen,
  deferChosen,
} from "./bulk.tsx";
import { focusRow, tabStop } from "./focus.ts";
import "./bulk_bar.css";

export function BulkBar() {
  const n = chosen.value.size;
  if (!n) return null;
  const all = Math.max(list.total.value, list.tasks.value.length);
  const none = () => {
    chooseNone();
    if (tabStop.peek()) focusRow(tabStop.peek()!);
  };
  return (
    <section class="bulk-bar" aria-label={t("bulk.label")}>
      <span class="bulk-count">
        <b>{t("bulk.chosen", { n })}</b>
        {n < Math.min(all, MOST) && (
          <button type="button" class="plain" onClick={() => void chooseAll()}>
            {all > MOST || list.atLeast.value ? t("bulk.first", { n: MOST }) : t("bulk.all", { n: all })}
          </button>
        )}
      </span>
      <span class="bulk-actions">
        <button type="button" onClick={() => void actOnChosen("claim")}>
          {t("bulk.claim")}
        </button>
        <button type="button" onClick={() => void actOnChosen("unclaim")}>
          {t("bulk.unclaim")}
        </button>
        <button type="button" onClick={assignChosen}>
          {t("bulk.assign")}
        </button>
        <button type="button" onClick={deferChosen}>
          {t("bulk.defer")}
        </button>
        <button type="button" onClick={changeChosen}>
          {t("bulk.change")}
        </button>
        <button type="button" onClick={commentOnChosen}>
          {t("bulk.comment")}
        </button>
        <button
          type="button"
          disabled={!canComplete.value}
          title={canComplete.value ? undefined : t("bulk.asks")}
          onClick={completeChosen}
        >
          {t("bulk.complete")}
        </button>
        <button type="button" class="plain" aria-label={t("bulk.none")} title={t("bulk.none")} onClick={none}>
          ✕
        </button>
      </span>
    </section>
  );
}
