// A form while it is filled in: what was typed, what is wrong with it, and what changed under it meanwhile.
import { useEffect, useRef, useState } from "preact/hooks";
import type { FormField, Json, Task } from "../api/shapes.ts";
import { DraftKeeper, type Saved } from "./draft.ts";
import { type Errors, fieldsOf, initial, type Meanwhile, type Typed } from "./fields.tsx";
import { draftOf, isSame } from "./form_values.ts";
import { judge } from "./judge.ts";
import { sentenceOf } from "./sentences.ts";

interface Begun {
  typed: Typed;
  /** What each field had when it was first touched. */
  base: Typed;
}

export interface Restored {
  time: string;
  elsewhere: boolean;
}

// What was begun is there at once when one comes back from another task.
const begun = new Map<string, Begun>();

export type Filling = ReturnType<typeof useFilling>;

export function useFilling(task: Task, mine: boolean, fields: FormField[] = fieldsOf(task)) {
  const [now, setNow] = useState<Begun>(begun.get(task.id) ?? { typed: {}, base: {} });
  const [errors, setErrors] = useState<Errors>({});
  const [saved, setSaved] = useState<Saved>("no");
  const [restored, setRestored] = useState<Restored | null>(null);
  const keeper = useRef<DraftKeeper | null>(null);
  // What is answered later speaks of the present.
  const latest = useRef({ now, fields, payload: task.payload });
  latest.current = { now, fields, payload: task.payload };

  const put = (next: Begun) => {
    latest.current.now = next;
    begun.set(task.id, next);
    setNow(next);
  };

  useEffect(() => {
    if (!mine) return;
    const own = new DraftKeeper(task.id, setSaved);
    keeper.current = own;
    const hidden = () => document.hidden && own.flush();
    document.addEventListener("visibilitychange", hidden);
    if (!begun.has(task.id) && task.draft !== null) {
      void own.read().then((found) => {
        if (!found || keeper.current !== own) return;
        const { fields: asked, payload, now: typedSince } = latest.current;
        const back = asked.filter(
          (field) =>
            field.id in found.draft.variables && !isSame(found.draft.variables[field.id], initial(field, payload)),
        );
        if (!back.length) return;
        const typed = Object.fromEntries(back.map(({ id }) => [id, found.draft.variables[id]!]));
        const base = Object.fromEntries(back.map((field) => [field.id, initial(field, payload)]));
        put({ typed: { ...typed, ...typedSince.typed }, base: { ...base, ...typedSince.base } });
        setRestored({ time: found.draft.time, elsewhere: found.elsewhere });
      });
    }
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      keeper.current = null;
      own.quit();
    };
  }, [task.id, mine]);

  const valueIn = (field: FormField): Json => now.typed[field.id] ?? initial(field, task.payload);
  const wrongWith = (field: FormField, value: Json): string => {
    const wrong = judge(field, value);
    return wrong ? sentenceOf(wrong, field) : "";
  };
  const mark = (field: FormField, message: string) =>
    setErrors(({ [field.id]: _, ...others }) => (message ? { ...others, [field.id]: message } : others));

  const change = (field: FormField, value: Json) => {
    const { typed, base } = latest.current.now;
    const first = field.id in base ? base : { ...base, [field.id]: initial(field, task.payload) };
    put({ typed: { ...typed, [field.id]: value }, base: first });
    keeper.current?.write(draftOf(fields, latest.current.now.typed));
    if (errors[field.id]) mark(field, wrongWith(field, value));
  };
  const settle = (field: FormField, own: boolean) => {
    const { [field.id]: typed, ...others } = latest.current.now.typed;
    const { [field.id]: _, ...bases } = latest.current.now.base;
    const base = { ...bases, [field.id]: initial(field, task.payload) };
    put(own ? { typed: { ...others, [field.id]: typed! }, base } : { typed: others, base: bases });
    keeper.current?.write(draftOf(fields, latest.current.now.typed));
  };
  const meanwhile = (field: FormField, focus: () => void): Meanwhile | undefined => {
    const value = initial(field, task.payload);
    const typed = now.typed[field.id];
    if (typed === undefined || isSame(value, now.base[field.id]) || isAlike(value, typed)) return undefined;
    const decide = (own: boolean) => () => {
      settle(field, own);
      focus();
    };
    return { value, use: decide(false), keep: decide(true) };
  };
  const left = (field: FormField, badInput: boolean) => {
    if (badInput) mark(field, sentenceOf({ word: field.type === "date" ? "wrong.date" : "wrong.number" }, field));
    // Who only passes by is not told off.
    else if (field.id in latest.current.now.typed || errors[field.id])
      mark(field, wrongWith(field, latest.current.now.typed[field.id] ?? initial(field, task.payload)));
  };
  const startOver = () => {
    put({ typed: {}, base: {} });
    setErrors({});
    setRestored(null);
    keeper.current?.forget();
  };
  /** Nothing of it is needed any more. */
  const end = (own: DraftKeeper | null) => {
    begun.delete(task.id);
    (own ?? new DraftKeeper(task.id, () => {})).forget();
  };
  return {
    fields,
    typed: now.typed,
    valueIn,
    change,
    meanwhile,
    left,
    errors,
    setErrors,
    saved,
    restored,
    startOver,
    end,
    keeper,
  };
}

// What is typed is text, whatever it becomes.
const isAlike = (one: Json, other: Json): boolean =>
  isSame(one, other) || (typeof one !== "object" && String(one) === String(other));
