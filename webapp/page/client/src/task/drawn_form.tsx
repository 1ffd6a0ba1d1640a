// The form that completes a task, as its modeller drew it.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { FormField, Task } from "../api/shapes.ts";
import { useCompleting } from "./completing.ts";
import { Drawn } from "./drawn.tsx";
import { accepted, beginning, type Schema, variablesOf } from "./drawn_schema.ts";
import { type Errors, labelOf, Now } from "./fields.tsx";
import { useFilling } from "./filling.ts";
import { leaveTyped } from "./form_focus.ts";
import { FormFrame } from "./form_frame.tsx";
import type { Viewer, Wrong } from "./viewing.ts";

interface Given {
  task: Task;
  mine: boolean;
  schema: Schema;
  failed: () => void;
}

export function DrawnForm({ task, mine, schema, failed }: Given) {
  const asked = task.formFields ?? [];
  const fields = useMemo(() => variablesOf(schema, asked), [schema, JSON.stringify(asked)]);
  const filling = useFilling(task, mine, fields);
  const viewer = useRef<Viewer | null>(null);
  const [wrong, setWrong] = useState<Wrong>({});
  const [summary, setSummary] = useState<Wrong>({});
  const labelled = Object.keys(summary).flatMap((id) => {
    const label = viewer.current?.labelOf(id);
    return label === undefined ? [] : [{ id, label }];
  });
  const isDrawn = (id: string) => labelled.some((one) => one.id === id);
  const go = (id: string) => viewer.current?.focus(id);
  useEffect(() => {
    const [first] = Object.keys(summary);
    if (first) go(first);
  }, [summary]);

  const refuse = (said: Errors) => {
    const { wrong: here, rest } = viewer.current!.refuse(said);
    setSummary({ ...here, ...rest });
  };
  const { isBusy, changed, complete } = useCompleting(task, filling, refuse);
  const submit = async () => {
    if (!mine || isBusy || !viewer.current) return;
    await leaveTyped();
    if (!viewer.current) return;
    const found = viewer.current.submit();
    if (Object.keys(found.wrong).length) setSummary(found.wrong);
    else await complete(accepted(found.values, asked), {});
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    void submit();
  };
  const left = Object.entries(summary).filter(([id]) => wrong[id] !== undefined || !isDrawn(id));
  return (
    <div class="task-form" aria-busy={isBusy} onKeyDownCapture={pressed}>
      <FormFrame
        task={task}
        mine={mine}
        filling={filling}
        isBusy={isBusy}
        changed={changed}
        errors={Object.fromEntries(left)}
        labelled={labelled}
        go={go}
        complete={submit}
      >
        {mine && fields.map((field) => <Changed key={field.id} field={field} filling={filling} />)}
        <Drawn
          schema={schema}
          data={beginning(fields, { ...task.payload, ...filling.typed })}
          locked={!mine}
          viewer={viewer}
          changed={(name, value) => {
            const field = fields.find((one) => one.id === name);
            if (field) filling.change(field, value);
          }}
          wrong={setWrong}
          failed={failed}
        />
      </FormFrame>
    </div>
  );
}

// What the data is now where it changed under what was typed.
function Changed({ field, filling }: { field: FormField; filling: ReturnType<typeof useFilling> }) {
  const meanwhile = filling.meanwhile(field, () => {});
  if (!meanwhile) return null;
  return (
    <div>
      <b dir="auto">{labelOf(field)}</b>
      <Now id={`${field.id}-now`} meanwhile={meanwhile} field={field} />
    </div>
  );
}
