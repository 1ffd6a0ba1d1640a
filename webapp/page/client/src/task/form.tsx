// The form that completes a task.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../api/calls.ts";
import type { FormField, Task, Values } from "../api/shapes.ts";
import { doing } from "../state/commands.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { actOnOpened } from "./actions.tsx";
import { type Errors, Field, fieldsOf, initial, type Typed, valuesOf } from "./fields.tsx";

export function TaskForm({ task }: { task: Task }) {
  const mine = task.assignee === session.user;
  if (task.state !== "open" || !(mine || task.formFields?.length)) return null;
  return <Form task={task} mine={mine} />;
}

function Form({ task, mine }: { task: Task; mine: boolean }) {
  const fields = fieldsOf(task);
  const [typed, setTyped] = useState<Typed>({});
  const [errors, setErrors] = useState<Errors>({});
  const own = useRef<HTMLFormElement>(null);
  const valueIn = (field: FormField) => typed[field.id] ?? initial(field, task.payload);

  useEffect(() => {
    if (Object.keys(errors).length) own.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [errors]);

  const submit = async (event: Event) => {
    event.preventDefault();
    const all: Typed = Object.fromEntries(fields.map((field) => [field.id, valueIn(field)]));
    const values = valuesOf(fields, all);
    const wrong = missing(fields, values);
    setErrors(wrong);
    if (Object.keys(wrong).length) return;
    try {
      await actOnOpened(task, "complete", { variables: given(task, values) });
    } catch (error) {
      setErrors(errorsOf(error as Problem));
    }
  };
  return (
    <form ref={own} class="task-form" noValidate onSubmit={submit}>
      <fieldset disabled={!mine || doing.value.has(task.id)}>
        <legend>{t("task.complete")}</legend>
        {!mine && (
          <p class="quiet">{task.assignee ? t("task.only_them", { who: task.assignee }) : t("task.claim_first")}</p>
        )}
        {fields.map((field) => (
          <Field
            key={field.id}
            field={field}
            value={valueIn(field)}
            error={errors[field.id]}
            change={(value) => setTyped((before) => ({ ...before, [field.id]: value }))}
          />
        ))}
        <button type="submit" class="primary">
          {t("task.complete")}
        </button>
      </fieldset>
    </form>
  );
}

/** Required fields that are empty. */
export function missing(fields: FormField[], values: Values): Errors {
  const found = fields.filter(
    (field) => field.required && !field.constraints?.readonly && values[field.id] === undefined,
  );
  return Object.fromEntries(found.map((field) => [field.id, t("field.is_required")]));
}

/** What the engine says of fields. */
export const errorsOf = (problem: Problem): Errors =>
  Object.fromEntries((problem.document.errors ?? []).map((one) => [one.field, one.message]));

// Without a form of its own only what was edited is sent: the rest is the process's already.
function given(task: Task, values: Values): Values {
  if (task.formFields?.length) return values;
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== task.payload?.[name]));
}
