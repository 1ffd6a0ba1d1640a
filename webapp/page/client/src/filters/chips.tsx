// What narrows the list, one chip each: in words, to change, to take away, joined by "and" or "or".
import { Fragment } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Filter } from "../api/shapes.ts";
import { register } from "../state/keys.ts";
import { go, place } from "../state/place.ts";
import { t } from "../words/words.ts";
import { vocabulary } from "./attributes.ts";
import { FilterField } from "./field.tsx";
import { type At, chipNumber, flat, joined, membersOf, parted, replaced } from "./groups.ts";
import { refusedFilter } from "./refused.ts";
import { sayCondition, sayFilter } from "./say.ts";
import "./chips.css";

const show = (filters: Filter[]) => go({ filters });

/** Adds one more; several joined by "and" are as many chips. */
export function AddFilter() {
  useEffect(
    () =>
      register({
        id: "filter",
        label: "filter.key",
        group: "list",
        keys: ["f"],
        run: () => document.getElementById("filter")?.focus(),
      }),
    [],
  );
  const last = place.value.filters.reduce((sum, one) => sum + membersOf(one).length, 0) - 1;
  return (
    <FilterField
      label={t("filter.add_label")}
      add={(filter) => show([...place.peek().filters, ...flat([filter])])}
      back={() => document.querySelector<HTMLElement>(`[data-chip="${last}"]`)?.focus()}
    />
  );
}

export function Chips() {
  const { filters } = place.value;
  const [editing, setEditing] = useState<At | null>(null);
  const own = useRef<HTMLDivElement>(null);
  const next = useRef<string | null>(null);
  // What was asked of the list before is not being changed any more.
  useEffect(() => setEditing(null), [filters]);
  // After every change the focus is where one would go on.
  useEffect(() => {
    if (!next.current) return;
    const found = own.current?.querySelector<HTMLElement>(next.current) ?? document.getElementById("filter");
    next.current = null;
    found?.focus();
  });
  const focusLater = (selector: string) => {
    next.current = selector;
  };
  const chip = (number: number) => `[data-chip="${number}"]`;
  const change = (at: At, others: Filter[]) => {
    const number = chipNumber(filters, at);
    const count = filters.reduce((sum, one) => sum + membersOf(one).length, 0);
    focusLater(others.length ? chip(number) : count > 1 ? chip(Math.min(number, count - 2)) : "#filter");
    setEditing(null);
    show(replaced(filters, at, others));
  };
  const leave = (at: At) => {
    focusLater(chip(chipNumber(filters, at)));
    setEditing(null);
  };
  const step = (number: number, by: number) => {
    const to = own.current?.querySelector<HTMLElement>(chip(number + by));
    if (to) to.focus();
    else document.getElementById("filter")?.focus();
  };
  const member = (one: Filter, at: At) => {
    if (editing && editing.index === at.index && editing.member === at.member) {
      return (
        <FilterField
          label={t("filter.edit_label")}
          begun={sayFilter(one, vocabulary.value)}
          add={(filter) => change(at, [filter])}
          leave={() => leave(at)}
          unchanged={() => setEditing(null)}
        />
      );
    }
    const number = chipNumber(filters, at);
    return (
      <Chip
        filter={one}
        number={number}
        edit={() => setEditing(at)}
        remove={() => change(at, [])}
        step={(by) => step(number, by)}
      />
    );
  };
  return (
    <div class="chips" ref={own}>
      {filters.map((filter, index) => {
        const members = membersOf(filter);
        const chips = members.map((one, at) => (
          <Fragment key={sayFilter(one, vocabulary.value)}>
            {at > 0 && (
              <Join
                kind="or"
                turn={() => {
                  focusLater(`[data-join="${chipNumber(filters, { index, member: at })}"]`);
                  show(parted(filters, { index, member: at - 1 }));
                }}
                number={chipNumber(filters, { index, member: at })}
              />
            )}
            {member(one, { index, member: at })}
          </Fragment>
        ));
        return (
          <Fragment key={JSON.stringify(filter)}>
            {index > 0 && (
              <Join
                kind="and"
                turn={() => {
                  focusLater(`[data-join="${chipNumber(filters, { index, member: 0 })}"]`);
                  show(joined(filters, index - 1));
                }}
                number={chipNumber(filters, { index, member: 0 })}
              />
            )}
            {members.length > 1 ? (
              // biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in its own way
              <div role="group" class="chip-group" aria-label={t("filter.group")}>
                {chips}
              </div>
            ) : (
              chips
            )}
          </Fragment>
        );
      })}
    </div>
  );
}

interface OfChip {
  filter: Filter;
  number: number;
  edit: () => void;
  remove: () => void;
  step: (by: number) => void;
}

function Chip({ filter, number, edit, remove, step }: OfChip) {
  const words = vocabulary.value;
  const said = typeof filter === "string" ? sayCondition(filter, words) : null;
  const text = sayFilter(filter, words);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Delete" || event.key === "Backspace") remove();
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") step(event.key === "ArrowLeft" ? -1 : 1);
    else return;
    event.preventDefault();
  };
  const bad = refusedFilter.value === filter;
  return (
    <span class={bad ? "chip bad" : "chip"}>
      <button
        type="button"
        class="chip-text"
        data-chip={number}
        title={text}
        aria-label={t("filter.edit", { filter: text })}
        aria-describedby={bad ? "filter-refused" : undefined}
        aria-keyshortcuts="Enter Delete"
        onClick={edit}
        onKeyDown={key}
      >
        {said ? (
          <span dir="auto">
            <b>{said.what}</b> {said.how} {said.value && <b class="value">{said.value}</b>}
          </span>
        ) : (
          <span dir="auto">{text}</span>
        )}
      </button>
      <button
        type="button"
        class="chip-remove"
        tabIndex={-1}
        aria-label={t("filter.remove", { filter: text })}
        onClick={remove}
      >
        ×
      </button>
    </span>
  );
}

function Join({ kind, turn, number }: { kind: "and" | "or"; turn: () => void; number: number }) {
  const word = t(kind === "and" ? "filter.join_or" : "filter.join_and");
  return (
    <button type="button" class="join" data-join={number} title={word} aria-label={word} onClick={turn}>
      {t(`filter.${kind}`)}
    </button>
  );
}
