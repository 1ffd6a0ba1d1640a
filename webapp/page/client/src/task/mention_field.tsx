// A text in which people are named: `@` and some letters show who is meant.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { leftAfterClick } from "../parts/left_after_click.ts";
import { t } from "../words/words.ts";
import { begunAt, completed } from "./mentions.ts";
import { peopleFor } from "./people.ts";
import type { Person } from "./person.ts";

const MOST = 6;
const PATIENCE = 120;

interface Given {
  taskId: string;
  value: string;
  write: (text: string) => void;
  send: () => void;
}

export function MentionField({ taskId, value, write, send }: Given) {
  const own = useRef<HTMLTextAreaElement>(null);
  const caret = useRef<number | null>(null);
  const [begun, setBegun] = useState<string | null>(null);
  const [at, setAt] = useState(0);
  const people = usePeople(taskId, begun);
  const id = useId();
  const here = Math.min(at, people.length - 1);

  useLayoutEffect(() => {
    if (caret.current === null) return;
    own.current!.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [value]);

  const look = () => {
    const next = begunAt(own.current!.value, own.current!.selectionStart);
    if (next === begun) return;
    setBegun(next);
    setAt(0);
  };
  const choose = ({ username }: Person) => {
    const next = completed(own.current!.value, own.current!.selectionStart, username);
    caret.current = next.caret;
    setBegun(null);
    write(next.text);
    own.current!.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    else if (!people.length) return;
    else if (event.key === "ArrowDown" || event.key === "ArrowUp")
      setAt((here + (event.key === "ArrowDown" ? 1 : -1) + people.length) % people.length);
    else if (event.key === "Enter" || event.key === "Tab") choose(people[here]!);
    else if (event.key === "Escape") {
      setBegun(null);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  return (
    <div class="mention-field" {...leftAfterClick}>
      <textarea
        ref={own}
        rows={2}
        maxLength={10_000}
        dir="auto"
        aria-label={t("task.say_label")}
        aria-autocomplete="list"
        aria-controls={people.length ? `${id}-list` : undefined}
        aria-activedescendant={people.length ? `${id}-${here}` : undefined}
        placeholder={t("task.say")}
        value={value}
        onInput={(event) => {
          write(event.currentTarget.value);
          look();
        }}
        onKeyDown={pressed}
        onKeyUp={(event) => event.key.startsWith("Arrow") && !people.length && look()}
        onBlur={() => setBegun(null)}
      />
      {people.length > 0 && (
        <div class="people" id={`${id}-list`} role="listbox" aria-label={t("assign.people")}>
          {people.map((one, index) => (
            <div
              key={one.username}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === here}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(one);
              }}
            >
              <b dir="auto">{one.username}</b>
              <span class="quiet">{one.groups.join(", ")}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

function usePeople(taskId: string, begun: string | null): Person[] {
  const [people, setPeople] = useState<Person[]>([]);
  useEffect(() => {
    setPeople([]);
    if (begun === null) return;
    const stop = new AbortController();
    const read = () =>
      peopleFor([taskId], begun, stop.signal).then(
        (found) => setPeople(found.slice(0, MOST)),
        () => {},
      );
    const timer = setTimeout(read, PATIENCE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [taskId, begun]);
  return begun === null ? [] : people;
}
