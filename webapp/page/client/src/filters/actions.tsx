// What one does with what is asked: keep it, clear it, look at its values, export it.
import { list, question } from "../state/lists.ts";
import { go, place } from "../state/place.ts";
import { keepFilter, labelOf } from "../state/saved_filters.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import { isOverviewOpen } from "./facets.tsx";
import { current, isAsking, isChanging, isOther, takeApart, toKeep } from "./kept.ts";
// A style sheet is not fetched with the dialog that needs it.
import "./save_dialog.css";

// Fetched when they are needed.
const openSave = async () => (await import("./save_dialog.tsx")).openSave();
const openExport = async () => (await import("./export_dialog.tsx")).openExport();

/** Beside the fields: what can always be done. */
export function ListActions() {
  return (
    <div class="filter-actions">
      <button
        type="button"
        class="plain"
        aria-expanded={isOverviewOpen.value}
        aria-controls="overview"
        onClick={() => {
          isOverviewOpen.value = !isOverviewOpen.value;
        }}
      >
        {t("facets.open")}
      </button>
      {question.value && list.tasks.value.length > 0 && (
        <button type="button" class="plain" onClick={openExport}>
          {t("export.open")}
        </button>
      )}
    </div>
  );
}

/** Beside the chips: what is done with what is asked. */
export function FilterActions() {
  const { q, filters } = place.value;
  const clear = () => {
    go({ q: "", filters: [] });
    document.getElementById("filter")?.focus();
  };
  return (
    <div class="filter-actions">
      {(q || filters.length > 0) && (
        <button type="button" class="plain" onClick={clear}>
          {t("filter.clear")}
        </button>
      )}
      <Keep />
    </div>
  );
}

function Keep() {
  const saved = current.value;
  if (!saved) {
    return isAsking.value ? (
      <button type="button" onClick={openSave}>
        {t("saved.save")}
      </button>
    ) : null;
  }
  const save = async () => {
    try {
      const kept = await keepFilter(labelOf(saved), toKeep(), saved.position);
      go({ tab: "saved", saved: kept.id, q: "", filters: [], sort: "", deferred: false });
      toast(t("saved.kept", { name: saved.name }), "good");
    } catch (error) {
      toast((error as Error).message, "error");
    }
  };
  return (
    <>
      {isChanging.value && (
        <span class="changing" dir="auto">
          {t("saved.changing", { name: saved.name })}
        </span>
      )}
      {isOther.value && saved.own && (
        <button type="button" class="primary" onClick={save}>
          {t("saved.save_changes")}
        </button>
      )}
      {isOther.value && (
        <button type="button" onClick={openSave}>
          {t("saved.save_as")}
        </button>
      )}
      {!isChanging.value && !isOther.value && (
        <button type="button" class="plain" onClick={takeApart}>
          {t("saved.change")}
        </button>
      )}
    </>
  );
}
