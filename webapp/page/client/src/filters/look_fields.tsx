// What a saved filter is for, and its colour.
import { t } from "../words/words.ts";
import { ColorDot } from "./color_dot.tsx";
import { COLORS, LONGEST_DESCRIPTION, type Look } from "./look.ts";

export function LookFields({ look, change }: { look: Look; change: (look: Look) => void }) {
  return (
    <>
      <label>
        {t("saved.description")}
        <textarea
          dir="auto"
          rows={2}
          maxLength={LONGEST_DESCRIPTION}
          value={look.description}
          onInput={(event) => change({ ...look, description: event.currentTarget.value })}
        />
      </label>
      <fieldset class="sharing">
        <legend>{t("saved.color")}</legend>
        {[null, ...COLORS].map((color) => (
          <label key={color} class="toggle">
            <input
              type="radio"
              name="color"
              checked={look.color === color}
              onChange={() => change({ ...look, color })}
            />
            <ColorDot of={{ color }} />
            {t(color ? `saved.color.${color}` : "saved.color.none")}
          </label>
        ))}
      </fieldset>
    </>
  );
}
