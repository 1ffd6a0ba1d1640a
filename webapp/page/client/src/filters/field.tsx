// The field a filter is typed into: completes attributes, operators and values.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import type { Filter } from "../api/shapes.ts";
import { leftAfterClick } from "../parts/left_after_click.ts";
import { question } from "../state/lists.ts";
import { t, type Word } from "../words/words.ts";
import { lookedAt, readAttributes, vocabulary } from "./attributes.ts";
import { readSentence, type Trouble } from "./sentence.ts";
import { type Suggestion, suggest, valueTyped } from "./suggest.ts";
import { isTime } from "./values.ts";
import "./field.css";

type Plain = string | number | boolean;

interface Given {
  label: string;
  /** What is changed, as a sentence. */
  begun?: string;
  add: (filter: Filter) => void;
  /** Escape; or Backspace and ArrowLeft where nothing is typed. */
  leave?: () => void;
  /** The focus went elsewhere before anything was changed. */
  unchanged?: () => void;
  back?: () => void;
}

const SOON = 120;

export function FilterField({ label, begun = "", add, leave, unchanged, back }: Given) {
  const [text, setText] = useState(begun);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const own = useRef<HTMLInputElement>(null);
  const id = useId();
  const words = vocabulary.value;
  const values = useValues(isOpen ? text : "");
  const several = isOpen ? suggest(text, words, values) : [];

  useEffect(() => {
    if (begun) own.current?.focus();
  }, []);
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const typed = (next: string) => {
    setText(next);
    setActive(-1);
    setTrouble(null);
    setOpen(true);
  };
  const done = (sentence: string): boolean => {
    const read = readSentence(sentence, vocabulary.peek());
    if (read.filter === undefined) {
      setTrouble(read.trouble);
      return false;
    }
    setText("");
    setActive(-1);
    setTrouble(null);
    setOpen(false);
    add(read.filter);
    return true;
  };
  const take = (one: Suggestion) => {
    if (one.isWhole && done(one.text)) return;
    typed(one.text);
  };
  const enter = () => {
    if (active >= 0 && several[active]) return take(several[active]);
    if (!text.trim()) return setOpen(!isOpen);
    if (readSentence(text, words).filter !== undefined || !several[0]) return done(text);
    take(several[0]);
  };
  const key = (event: KeyboardEvent) => {
    const { value, selectionStart } = own.current!;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!isOpen) return setOpen(true);
      const by = event.key === "ArrowDown" ? 1 : -1;
      setActive(several.length ? (active + by + several.length + (active < 0 && by < 0 ? 1 : 0)) % several.length : -1);
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      enter();
    } else if (event.key === "Escape") {
      // The page would leave the field, too.
      if ((isOpen && several.length) || leave) event.stopPropagation();
      if (isOpen && several.length) setOpen(false);
      else leave?.();
    } else if (back && selectionStart === 0 && !value && (event.key === "Backspace" || event.key === "ArrowLeft")) {
      event.preventDefault();
      back();
    }
  };
  return (
    <div class="filter-field" {...leftAfterClick}>
      <input
        ref={own}
        id={begun ? undefined : "filter"}
        role="combobox"
        type="text"
        dir="auto"
        autocomplete="off"
        spellcheck={false}
        placeholder={t("filter.add")}
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={several.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={trouble ? true : undefined}
        aria-describedby={trouble ? `${id}-trouble` : undefined}
        title={t("filter.hint")}
        value={text}
        onFocus={() => {
          void readAttributes(question.peek());
        }}
        onClick={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          if (!text.trim()) setTrouble(null);
          if (text === begun) unchanged?.();
        }}
        onInput={(event) => typed(event.currentTarget.value)}
        onKeyDown={key}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("filter.options")}
        class="filter-options"
        hidden={!several.length}
      >
        {several.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
          <div
            key={`${one.label} ${index}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // Keeps the focus in the field.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(one)}
          >
            <span dir="auto">{one.label}</span>
            {one.hint && <span class="kind">{t(`kind.${one.hint}` as Word)}</span>}
          </div>
        ))}
      </div>
      {trouble && (
        <p id={`${id}-trouble`} class="filter-trouble" role="alert">
          {t(`trouble.${trouble}` as Word)}
        </p>
      )}
    </div>
  );
}

// What the server knows of the attribute that is typed.
function useValues(text: string): Plain[] {
  const [found, setFound] = useState<{ of: string; values: Plain[] }>({ of: "", values: [] });
  const wanted = valueTyped(text, vocabulary.value);
  const name =
    wanted && !isTime(wanted.attribute) && wanted.attribute.name !== "task.priority" ? wanted.attribute.name : "";
  const begins = wanted?.begins ?? "";
  useEffect(() => {
    if (!name) return;
    const stop = new AbortController();
    const asked = lookedAt(question.peek());
    asked.set("begins", begins.slice(0, 200));
    const read = () =>
      call<{ items: Plain[] }>(`/tasks/attributes/${encodeURIComponent(name)}/values?${asked}`, {
        signal: stop.signal,
      }).then(
        ({ body }) => setFound({ of: name, values: body.items }),
        () => {},
      );
    const timer = setTimeout(read, begins ? SOON : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [name, begins]);
  return found.of === name ? found.values : [];
}
