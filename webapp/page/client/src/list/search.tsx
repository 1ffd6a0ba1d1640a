// The field for words, of whatever list is shown.
import { useEffect, useRef } from "preact/hooks";
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";

const SOON = 250;

export function Search() {
  const { q, tab, saved } = place.value;
  const own = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const sent = useRef<string | null>(null);
  const soon = (text: string) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      sent.current = text.trim();
      go({ q: sent.current }, { replace: true });
    }, SOON);
  };
  // What is typed is newer than what is asked for; what comes from elsewhere, going back or another list, is shown.
  useEffect(() => {
    if (q === sent.current) return;
    clearTimeout(timer.current);
    sent.current = q;
    own.current!.value = q;
  }, [q]);
  useEffect(() => {
    clearTimeout(timer.current);
    own.current!.value = place.peek().q;
  }, [tab, saved]);
  const title = t(`title.${tab}` as Word).toLowerCase();
  return (
    <input
      ref={own}
      id="search"
      type="search"
      autocomplete="off"
      placeholder={t("list.search")}
      aria-label={t("list.search_in", { list: title })}
      onKeyDown={(event) => {
        // Browsers empty such a field, and say nothing: what is asked for would not be what is shown.
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.currentTarget.blur();
      }}
      onInput={(event) => soon(event.currentTarget.value)}
    />
  );
}
