// What a saved filter asks for itself, beside what narrows it further.
import { place } from "../state/place.ts";
import { t } from "../words/words.ts";
import { vocabulary } from "./attributes.ts";
import { flat } from "./groups.ts";
import { current, takeApart } from "./kept.ts";
import { sayFilter } from "./say.ts";

export function SavedParts() {
  const saved = current.value;
  if (!saved || place.value.tab !== "saved") return null;
  const said = flat([saved.query.filter ?? []].flat()).map((one) => sayFilter(one, vocabulary.value));
  if (saved.query.q) said.unshift(`“${saved.query.q}”`);
  return (
    <>
      {said.map((text) => (
        <span key={text} class="chip fixed">
          <button
            type="button"
            class="chip-text"
            title={text}
            aria-label={t("filter.fixed", { filter: text })}
            onClick={takeApart}
          >
            <span dir="auto">{text}</span>
          </button>
        </span>
      ))}
    </>
  );
}
