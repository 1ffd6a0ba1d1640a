// The form that completes a task.
import { useEffect, useRef, useState } from "preact/hooks";
import { ofTask } from "../api/paths.ts";
import type { Task } from "../api/shapes.ts";
import { leftAfterClick } from "../parts/left_after_click.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { useCompleting } from "./completing.ts";
import { useSchema } from "./drawn.tsx";
import { DrawnForm } from "./drawn_form.tsx";
import { type Errors, Field, type Typed, valuesOf } from "./fields.tsx";
import { Filled } from "./filled.tsx";
import { useFilling } from "./filling.ts";
import { badInputIn, focusField, focusWrong, toNextField } from "./form_focus.ts";
import { FormFrame } from "./form_frame.tsx";
import { given } from "./form_values.ts";
import { judgeAll } from "./judge.ts";
import { mayComplete } from "./rights.ts";
import { sentenceOf } from "./sentences.ts";

export { errorsOf } from "./sentences.ts";

export function TaskForm({ task }: { task: Task }) {
  const mine = mayComplete(task, session);
  if (task.state === "completed") return <Filled task={task} />;
  if (task.state !== "open" || !(mine || task.formRef || task.formFields?.length)) return null;
  return <OpenForm task={task} mine={mine} />;
}

// As its modeller drew it; where that cannot be, by its fields.
function OpenForm({ task, mine }: { task: Task; mine: boolean }) {
  const schema = useSchema(task.formRef, ofTask(task.id, "form"));
  const [failed, setFailed] = useState(false);
  if (schema === null) return null;
  if (schema === "none" || failed) return <Form task={task} mine={mine} />;
  return <DrawnForm task={task} mine={mine} schema={schema} failed={() => setFailed(true)} />;
}

function Form({ task, mine }: { task: Task; mine: boolean }) {
  const filling = useFilling(task, mine);
  const { fields, valueIn, errors } = filling;
  const own = useRef<HTMLFormElement>(null);
  const [summary, setSummary] = useState<Errors>({});

  useEffect(() => {
    if (Object.keys(summary).length) focusWrong(own.current!);
  }, [summary]);

  const isAsked = (id: string) => fields.find((field) => field.id === id);
  // What has been put right since is no more to be looked at.
  const left = Object.fromEntries(Object.entries(summary).filter(([id]) => errors[id] !== undefined || !isAsked(id)));
  const refuse = (wrong: Errors) => {
    filling.setErrors(wrong);
    setSummary(wrong);
  };
  const { isBusy, changed, complete } = useCompleting(task, filling, refuse);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!mine || isBusy) return;
    const all: Typed = Object.fromEntries(fields.map((field) => [field.id, valueIn(field)]));
    const wrong: Errors = {};
    for (const [id, found] of judgeAll(fields, all)) wrong[id] = sentenceOf(found, isAsked(id));
    for (const id of badInputIn(own.current)) wrong[id] = t("wrong.unread");
    await complete(given(task, valuesOf(fields, all)), wrong);
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
    <form
      ref={own}
      class="task-form"
      noValidate
      {...leftAfterClick}
      onSubmit={submit}
      onKeyDown={pressed}
      aria-busy={isBusy}
    >
      <FormFrame
        task={task}
        mine={mine}
        filling={filling}
        isBusy={isBusy}
        changed={changed}
        errors={left}
        labelled={fields}
        go={(id) => focusField(own.current!, id)}
      >
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
      </FormFrame>
    </form>
  );
}
