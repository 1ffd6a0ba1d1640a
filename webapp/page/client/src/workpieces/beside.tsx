// Lists beside those of tasks: business data, processes, what I have started; and what is opened of them.
import { useEffect, useRef } from "preact/hooks";
import { Requests } from "../instances/requests.tsx";
import { Running } from "../instances/running.tsx";
import { isNarrow } from "../list/layout.ts";
import { go, opened, place } from "../state/place.ts";
import { toast } from "../state/toasts.ts";
import { t, type Word } from "../words/words.ts";
import { EntryPane } from "./entry_pane.tsx";
import { InstancePane } from "./instance_pane.tsx";
import { focusRow } from "./keys.ts";
import { Workpieces } from "./workpieces.tsx";

export function Beside() {
  const which = place.value.tab;
  // Each list begins anew: what was typed or read in one is nothing to another.
  if (which === "workpieces") return <Workpieces key={which} />;
  return which === "requests" ? <Requests key={which} /> : <Running key={which} />;
}

export function BesidePane() {
  const { tab: which, task: id } = place.value;
  const own = useRef<HTMLElement>(null);
  useFocus(own);
  return (
    <section id="pane" ref={own} class="pane" aria-label={t(`title.${which}` as Word)} tabIndex={-1}>
      {!id ? (
        <p class="hint">{t(which === "workpieces" ? "work.hint_data" : "work.hint")}</p>
      ) : which === "workpieces" ? (
        <EntryPane key={id} id={id} />
      ) : (
        <InstancePane key={id} id={id} />
      )}
    </section>
  );
}

/** What cannot be read is left, with a word. */
export function leave(): void {
  go({ task: null }, { replace: true });
  toast(t("work.not_there"), "error");
}

// A telephone shows either the list or what is opened: the focus goes along, and comes back.
function useFocus(pane: { current: HTMLElement | null }): void {
  const before = useRef<string | null>(null);
  const id = opened.value;
  useEffect(() => {
    if (id && isNarrow.value) pane.current?.focus({ preventScroll: false });
    else if (!id && before.current && pane.current?.ownerDocument.activeElement === document.body)
      focusRow(before.current);
    before.current = id;
  }, [id]);
}
