// The field for words, of whatever list is shown.
import { useRef } from "preact/hooks";
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";

const SOON = 250;

export function Search() {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const soon = (text: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => go({ q: text.trim() }, { replace: true }), SOON);
  };
  const title = t(`title.${place.value.tab}` as Word).toLowerCase();
  return (
    <input
      id="search"
      type="search"
      autocomplete="off"
      placeholder={t("list.search")}
      aria-label={t("list.search_in", { list: title })}
      // While it is typed in, what is typed is newer than what is asked for.
      value={document.activeElement?.id === "search" ? undefined : place.value.q}
      onInput={(event) => soon(event.currentTarget.value)}
    />
  );
}
