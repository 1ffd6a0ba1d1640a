// What came while the reader was further down or choosing: it waits until it is asked for.
import { list } from "../state/lists.ts";
import { t } from "../words/words.ts";
import { focusRow } from "./focus.ts";

export function NewOnes() {
  const n = list.waiting.value;
  const show = () => {
    const first = list.reveal();
    if (first) focusRow(first);
  };
  return (
    <div class="new-ones-place">
      {n > 0 && (
        <button type="button" class="new-ones" onClick={show}>
          {t("list.new", { n })}
        </button>
      )}
    </div>
  );
}
