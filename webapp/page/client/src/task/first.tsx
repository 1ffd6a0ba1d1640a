// The first of many, and a button for the others.
import type { ComponentChild } from "preact";
import { useState } from "preact/hooks";
import { t } from "../words/words.ts";

export function useFirst<One>(all: One[], most: number): { shown: One[]; rest: ComponentChild } {
  const [whole, setWhole] = useState(false);
  if (whole || all.length <= most) return { shown: all, rest: null };
  const rest = (
    <button type="button" class="more" onClick={() => setWhole(true)}>
      {t("tree.all", { n: all.length })}
    </button>
  );
  return { shown: all.slice(0, most), rest };
}
