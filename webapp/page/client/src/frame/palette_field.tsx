// The palette itself: a field with a list of what fits; the focus stays in the field.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Definition } from "../start/definitions.ts";
import { isPaletteOpen } from "../state/palette.ts";
import { recentChoices, remember } from "../state/preferences.ts";
import { t, type Word } from "../words/words.ts";
import { Keys } from "./key_names.tsx";
import { SearchMark } from "./marks.tsx";
import { type Entry, offered, readProcesses, tasksOf } from "./palette_entries.ts";

const PAUSE = 150;

const close = () => {
  isPaletteOpen.value = false;
};

export function PaletteField() {
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState<string | null>(null);
  const [processes, setProcesses] = useState<Definition[]>([]);
  const tasks = useTasks(typed);
  const own = useModal();
  const name = useId();
  useEffect(() => void readProcesses().then(setProcesses), []);

  const sections = [...offered(typed, processes), { id: "tasks" as const, entries: tasks }].filter(
    (section) => section.entries.length,
  );
  const all = sections.flatMap((section) => section.entries);
  const current = all.find((entry) => entry.id === active) ?? all[0];
  // A screen reader that hears of an entry before a key takes the list for what has the focus, and letters for its own.
  const isTouched = typed !== "" || active !== null;
  const idOf = (entry: Entry) => `${name}-${all.indexOf(entry)}`;
  useEffect(() => {
    own.current?.querySelector(".current")?.scrollIntoView({ block: "nearest" });
  }, [current?.id]);

  const choose = (entry: Entry) => {
    if (!entry.id.startsWith("task ")) remember(recentChoices, entry.id.replace(/^recent /, ""));
    close();
    // After the focus is back where it was: what is done may take it from there.
    setTimeout(entry.run);
  };
  const step = (by: number) => {
    const at = current ? all.indexOf(current) : 0;
    setActive(all[(at + by + all.length) % all.length]?.id ?? null);
  };
  const press = (event: KeyboardEvent) => {
    const deeds: Record<string, () => void> = {
      ArrowDown: () => step(1),
      ArrowUp: () => step(-1),
      Enter: () => current && choose(current),
      PageDown: () => setActive(all[Math.min(all.length - 1, (current ? all.indexOf(current) : 0) + 8)]?.id ?? null),
      PageUp: () => setActive(all[Math.max(0, (current ? all.indexOf(current) : 0) - 8)]?.id ?? null),
    };
    const closes = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    const deed = closes ? close : deeds[event.key];
    if (!deed || event.isComposing) return;
    event.preventDefault();
    deed();
  };
  const outside = (event: MouseEvent) => event.target === own.current && close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it already
    <dialog ref={own} class="palette" aria-label={t("app.palette")} onClose={close} onClick={outside}>
      <div class="palette-field">
        <SearchMark />
        <input
          role="combobox"
          aria-label={t("app.palette")}
          aria-expanded="true"
          aria-controls={`${name}-list`}
          aria-activedescendant={current && isTouched ? idOf(current) : undefined}
          aria-autocomplete="list"
          autocomplete="off"
          spellcheck={false}
          dir="auto"
          placeholder={t("palette.hint")}
          value={typed}
          onInput={(event) => {
            setTyped(event.currentTarget.value);
            setActive(null);
          }}
          onKeyDown={press}
        />
      </div>
      <div id={`${name}-list`} class="palette-list" role="listbox" aria-label={t("palette.found")} tabIndex={-1}>
        {sections.map((section) => (
          // biome-ignore lint/a11y/useSemanticElements: options are grouped so in a listbox
          <div key={section.id} role="group" aria-label={t(`palette.${section.id}` as Word)}>
            <div class="palette-heading" aria-hidden="true">
              {t(`palette.${section.id}` as Word)}
            </div>
            {section.entries.map((entry) => (
              <Option
                key={entry.id}
                id={idOf(entry)}
                entry={entry}
                isCurrent={entry === current}
                isTold={isTouched}
                choose={choose}
              />
            ))}
          </div>
        ))}
      </div>
      {!all.length && <p class="palette-none">{t("palette.none")}</p>}
    </dialog>
  );
}

interface Given {
  id: string;
  entry: Entry;
  isCurrent: boolean;
  isTold: boolean;
  choose: (entry: Entry) => void;
}

function Option({ id, entry, isCurrent, isTold, choose }: Given) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the field's
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field
    <div
      id={id}
      role="option"
      aria-selected={isCurrent && isTold}
      class={isCurrent ? "palette-option current" : "palette-option"}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => choose(entry)}
    >
      <span class="palette-name" dir="auto">
        {entry.name}
      </span>
      {entry.about && (
        <span class="palette-about" dir="auto">
          {entry.about}
        </span>
      )}
      {entry.key && <Keys name={entry.key} />}
    </div>
  );
}

// What was found last stays until the next is: nothing flickers while one types.
function useTasks(typed: string): Entry[] {
  const [found, setFound] = useState<Entry[]>([]);
  useEffect(() => {
    const wanted = typed.trim();
    if (!wanted) return setFound([]);
    const stop = new AbortController();
    const soon = setTimeout(() => {
      tasksOf(wanted, stop.signal).then(setFound, () => {});
    }, PAUSE);
    return () => {
      clearTimeout(soon);
      stop.abort();
    };
  }, [typed]);
  return found;
}

function useModal() {
  const own = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    own.current?.showModal();
    return () => before?.focus?.();
  }, []);
  return own;
}
