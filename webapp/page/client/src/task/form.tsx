// The form that completes a task.
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../api/calls.ts";
import type { FormField, Task } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { doing, isStale } from "../state/commands.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { actOnOpened } from "./actions.tsx";
import { sayChanged } from "./changed.ts";
import { type Errors, Field, labelOf, type Typed, valuesOf } from "./fields.tsx";
import { Filled, wasSent } from "./filled.tsx";
import { useFilling } from "./filling.ts";
import { badInputIn, focusField, focusWrong, toNextField } from "./form_focus.ts";
import { given } from "./form_values.ts";
import { judgeAll } from "./judge.ts";
import { askedBy, mayComplete } from "./rights.ts";
import { errorsOf, sentenceOf } from "./sentences.ts";
import "./form.css";

export { errorsOf } from "./sentences.ts";

export function TaskForm({ task }: { task: Task }) {
  const mine = mayComplete(task, session);
  if (task.state === "completed") return <Filled task={task} />;
  if (task.state !== "open" || !(mine || task.formFields?.length)) return null;
  return <Form task={task} mine={mine} />;
}

function whyNot(task: Task): string {
  const who = askedBy(task) ?? task.assignee;
  if (task.suspended) return t("task.suspended");
  return who ? t("task.only_them", { who }) : t("task.claim_first");
}

function Form({ task, mine }: { task: Task; mine: boolean }) {
  const filling = useFilling(task, mine);
  const { fields, valueIn, errors, restored } = filling;
  const own = useRef<HTMLFormElement>(null);
  const [summary, setSummary] = useState<Errors>({});
  const [changed, setChanged] = useState("");
  const isBusy = doing.value.has(task.id) || Boolean(task.pending);

  useEffect(() => {
    if (Object.keys(summary).length) focusWrong(own.current!);
  }, [summary]);

  // What has been put right since is no more to be looked at.
  const left = Object.fromEntries(
    Object.entries(summary).filter(([id]) => errors[id] !== undefined || !named(fields, id)),
  );
  const refuse = (wrong: Errors) => {
    filling.setErrors(wrong);
    setSummary(wrong);
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!mine || isBusy) return;
    const all: Typed = Object.fromEntries(fields.map((field) => [field.id, valueIn(field)]));
    const wrong: Errors = {};
    for (const [id, found] of judgeAll(fields, all)) wrong[id] = sentenceOf(found, named(fields, id));
    for (const id of badInputIn(own.current)) wrong[id] = t("wrong.unread");
    refuse(wrong);
    setChanged("");
    if (Object.keys(wrong).length) return;
    const keeper = filling.keeper.current;
    const variables = given(task, valuesOf(fields, all));
    try {
      if (!(await actOnOpened(task, "complete", { variables }))) return;
      wasSent(task.id, variables);
      filling.end(keeper);
    } catch (error) {
      if (isStale(error)) setChanged(await sayChanged(task, error));
      else if (error instanceof Problem) refuse(errorsOf(error, fields));
    }
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) own.current!.requestSubmit();
    // Enter in a field is no way to complete by mistake: it goes on to the next.
    else if (event.target instanceof HTMLInputElement) toNextField(own.current!, event.target);
    else return;
    event.preventDefault();
  };
  return (
    <form ref={own} class="task-form" noValidate onSubmit={submit} onKeyDown={pressed} aria-busy={isBusy}>
      <fieldset disabled={!mine}>
        <legend>{t("task.complete")}</legend>
        {!mine && <p class="quiet">{whyNot(task)}</p>}
        {restored && (
          <p class="restored">
            <Moment
              iso={restored.time}
              say={(when) => t(restored.elsewhere ? "draft.elsewhere" : "draft.back", { when })}
            />{" "}
            <button type="button" class="more" onClick={filling.startOver}>
              {t("draft.start_over")}
            </button>
          </p>
        )}
        <Summary errors={left} fields={fields} form={() => own.current!} />
        {fields.map((field) => (
          <Field
            key={field.id}
            field={field}
            value={valueIn(field)}
            error={errors[field.id]}
            meanwhile={mine ? filling.meanwhile(field, () => focusField(own.current!, field.id)) : undefined}
            change={(value) => filling.change(field, value)}
            left={() => filling.left(field, badInputIn(own.current).includes(field.id))}
          />
        ))}
        {changed && (
          <p class="form-errors" role="alert" dir="auto">
            {changed}
          </p>
        )}
        <p class="actions">
          <button type="submit" class={isBusy ? "primary in-flight" : "primary"} aria-disabled={isBusy}>
            {t("task.complete")}
          </button>
          {mine && filling.saved !== "no" && <span class="quiet">{t(`draft.${filling.saved}`)}</span>}
        </p>
      </fieldset>
    </form>
  );
}

const named = (fields: FormField[], id: string) => fields.find((field) => field.id === id);

// Which fields are to be looked at again; what is wrong is said beside each. Seen where it is more than one, heard always.
function Summary({ errors, fields, form }: { errors: Errors; fields: FormField[]; form: () => HTMLElement }) {
  const all = Object.entries(errors);
  const [first] = all;
  if (!first) return null;
  const isPlain = all.length === 1 && named(fields, first[0]);
  return (
    <div class={isPlain ? "unseen" : "form-errors"} role="alert">
      <p>{t("form.errors", { n: all.length })}</p>
      <ul>
        {all.map(([id, message]) => {
          const field = named(fields, id);
          return (
            <li key={id} dir="auto">
              {field ? (
                <button type="button" class="more" tabIndex={isPlain ? -1 : 0} onClick={() => focusField(form(), id)}>
                  {labelOf(field)}
                </button>
              ) : (
                `${id}: ${message}`
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
