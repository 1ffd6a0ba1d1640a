// Whom to give tasks to: people by name, those chosen of late first.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Task } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { explain } from "../state/commands.ts";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { session } from "../state/session.ts";
import { peopleFor, remember } from "../task/people.ts";
import type { Person } from "../task/person.ts";
import { mayWorkOn } from "../task/rights.ts";
import { t } from "../words/words.ts";
import "./assign.css";

const PATIENCE = 150;
const LOOKED_AT = 10;

/** Asks, and tells who it is; null is nobody. */
export const openAssign = (tasks: Task[], chosen: (assignee: string | null) => void): void =>
  openDialog(() => <Assign title={t("assign.title", { n: tasks.length })} tasks={tasks} chosen={chosen} />);

/** The same for somebody who is to give it back. */
export const openDelegate = (task: Task, chosen: (assignee: string) => void): void =>
  openDialog(() => (
    <Assign
      title={t("delegate.title")}
      about={t("delegate.about")}
      tasks={[task]}
      chosen={(name) => name !== null && chosen(name)}
      others
    />
  ));

interface Choice {
  name: string | null;
  label: string;
  about: string;
}

interface Asked {
  title: string;
  about?: string;
  tasks: Task[];
  chosen: (assignee: string | null) => void;
  /** Neither oneself nor nobody. */
  others?: boolean;
}

function Assign({ title, about, tasks, chosen, others }: Asked) {
  const [q, setQ] = useState("");
  const [at, setAt] = useState(0);
  const [isTouched, setTouched] = useState(false);
  const { people, problem } = usePeople(tasks, q);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const choices = choicesOf(tasks, people ?? [], q).filter(
    ({ name }) => !others || (name !== null && name !== session.user),
  );
  const here = Math.min(at, choices.length - 1);

  useLayoutEffect(() => input.current?.focus(), []);
  useEffect(() => document.getElementById(`${id}-${here}`)?.scrollIntoView({ block: "nearest" }), [here, people]);

  const choose = (one: Choice) => {
    if (one.name !== null && one.name !== session.user) remember(one.name);
    closeDialog();
    chosen(one.name);
  };
  const pressed = (event: KeyboardEvent) => {
    setTouched(true);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && choices.length) setAt((here + step + choices.length) % choices.length);
    else if (event.key === "Enter" && !event.isComposing && choices[here]) choose(choices[here]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title={title} close={closeDialog} kind="assign">
      {about && <p class="quiet">{about}</p>}
      <div class="field">
        <label for={`${id}-q`}>{t("assign.who")}</label>
        <input
          ref={input}
          id={`${id}-q`}
          role="combobox"
          autocomplete="off"
          aria-expanded={choices.length > 0}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          // Not before a key: a screen reader is to hear of the field first, and to leave letters to it.
          aria-activedescendant={isTouched && choices.length ? `${id}-${here}` : undefined}
          dir="auto"
          value={q}
          onInput={(event) => {
            setQ(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={pressed}
        />
      </div>
      <div class="people" id={`${id}-list`} role="listbox" aria-label={t("assign.people")}>
        {choices.map((one, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field above
          <div
            key={one.name ?? ""}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={isTouched && index === here}
            class={index === here ? "current" : ""}
            onClick={() => choose(one)}
          >
            <b dir="auto">{one.label}</b>
            <span class="quiet" dir="auto">
              {one.about}
            </span>
          </div>
        ))}
      </div>
      <p class="quiet" role="status">
        {problem || (people && !choices.length ? t("assign.none") : "")}
      </p>
      <p class="actions">
        <button type="button" onClick={closeDialog}>
          {t("cancel")}
        </button>
      </p>
    </Dialog>
  );
}

function usePeople(tasks: Task[], q: string) {
  const [people, setPeople] = useState<Person[] | null>(null);
  const [problem, setProblem] = useState("");
  // Of many it is asked for some; those who may not have one of the others are told by its outcome.
  const ids = tasks.slice(0, LOOKED_AT).map((task) => task.id);
  useEffect(() => {
    const stop = new AbortController();
    const read = () =>
      peopleFor(ids, q, stop.signal).then(
        (found) => {
          setPeople(found);
          setProblem("");
        },
        (error) => stop.signal.aborted || setProblem(explain(error)),
      );
    const timer = setTimeout(read, q ? PATIENCE : 0);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [ids.join(), q]);
  return { people, problem };
}

// Oneself first, nobody last; who has it already is no choice.
function choicesOf(tasks: Task[], people: Person[], q: string): Choice[] {
  const has = (name: string | null) => tasks.every((task) => task.assignee === name);
  const isAsked = (...words: string[]) => words.some((word) => word.toLowerCase().includes(q.trim().toLowerCase()));
  const found: Choice[] = people
    .filter(({ username }) => username !== session.user && !has(username))
    .map(({ username, groups }) => ({ name: username, label: username, about: groups.join(", ") }));
  const mine = tasks.every((task) => mayWorkOn(task, session)) && !has(session.user);
  if (mine && isAsked(session.user, t("assign.me")))
    found.unshift({ name: session.user, label: t("assign.me"), about: session.user });
  if (!has(null) && isAsked(t("assign.nobody"))) found.push({ name: null, label: t("assign.nobody"), about: "" });
  return found;
}
