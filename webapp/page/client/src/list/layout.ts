// Cards or a table: what the reader chose, else what the screen has room for.
import { computed, signal } from "@preact/signals";
import { layout } from "../state/preferences.ts";

const WIDE = "(min-width: 90rem)";
const NARROW = "(max-width: 52rem)";

export const isWide = watched(WIDE);
/** Wide enough for more columns than the most needed. */
export const isWidest = watched("(min-width: 110rem)");
export const isNarrow = watched(NARROW);

/** A telephone has room for cards only. */
export const shownLayout = computed(() =>
  isNarrow.value ? "cards" : (layout.value ?? (isWide.value ? "table" : "cards")),
);

function watched(query: string) {
  const found = matchMedia(query);
  const state = signal(found.matches);
  found.addEventListener("change", () => {
    state.value = found.matches;
  });
  return state;
}
