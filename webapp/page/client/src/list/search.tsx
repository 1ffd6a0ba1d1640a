// The field for words, of whatever list is shown.
import { useLayoutEffect, useRef } from "preact/hooks";
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";

const SOON = 250;

export function Search() {
  const { q, tab, saved } = place.value;
  const own = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const sent = useRef<string | null>(null);
  const ask = () => {
    forget();
    sent.current = own.current!.value.trim();
    go({ q: sent.current }, { replace: true });
  };
  const forget = () => {
    clearTimeout(timer.current);
    timer.current = undefined;
  };
  const soon = () => {
    forget();
    timer.current = setTimeout(ask, SOON);
  };
  // Who goes on to the rows means those that were searched for.
  const atOnce = () => timer.current !== undefined && ask();
  useLayoutEffect(() => forget, []);
  // What is typed is newer than what is asked for; what comes from elsewhere, going back or another list, is shown: at
  // once, since who types at once after changing lists would lose letters.
  useLayoutEffect(() => {
    if (q === sent.current) return;
    forget();
    sent.current = q;
    own.current!.value = q;
  }, [q]);
  useLayoutEffect(() => {
    forget();
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
        if (/^(Enter|Escape|Tab)$/.test(event.key)) atOnce();
        // Browsers empty such a field, and say nothing: what is asked for would not be what is shown.
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.currentTarget.blur();
      }}
      onInput={soon}
    />
  );
}
