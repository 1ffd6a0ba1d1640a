// Three steps through the page for who sees it first, in the demo: a card in the corner that takes no focus.
import { useSignal } from "@preact/signals";
import { tourSeen } from "../state/preferences.ts";
import { t, type Word } from "../words/words.ts";
import "./tour.css";

const STEPS = 3;
const isDemo = document.getElementById("app")?.dataset.demo === "true";

export function Tour() {
  const step = useSignal(1);
  if (!isDemo || tourSeen.value) return null;
  const end = () => {
    tourSeen.value = true;
    document.getElementById("list")?.focus({ preventScroll: true });
  };
  const isLast = step.value === STEPS;
  return (
    <section
      class="tour"
      aria-label={t("tour.title")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        end();
      }}
    >
      <p class="quiet">{t("tour.step", { n: step.value, of: STEPS })}</p>
      <h3>{t(`tour.${step.value}.title` as Word)}</h3>
      <p>{t(`tour.${step.value}.text` as Word)}</p>
      <p class="actions">
        <button type="button" class="primary" onClick={isLast ? end : () => (step.value += 1)}>
          {t(isLast ? "tour.done" : "tour.next")}
        </button>
        {!isLast && (
          <button type="button" class="plain" onClick={end}>
            {t("tour.skip")}
          </button>
        )}
      </p>
    </section>
  );
}
