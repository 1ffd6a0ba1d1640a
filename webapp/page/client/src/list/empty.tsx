// A list without anything: why, and what to do next.
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";

export function Empty() {
  const { q, filters, tab } = place.value;
  if (!q && !filters.length) return <p class="empty">{t(`empty.${tab}` as Word)}</p>;
  return (
    <p class="empty">
      {q ? t("empty.search", { q }) : t("empty.filtered")}{" "}
      <button type="button" class="plain" onClick={() => go({ q: "", filters: [] })}>
        {t("empty.clear")}
      </button>
    </p>
  );
}
