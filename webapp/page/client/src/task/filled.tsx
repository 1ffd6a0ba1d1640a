// What was filled in when the task was completed, as far as it is known.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { FormField, Json, Task, Values } from "../api/shapes.ts";
import { t } from "../words/words.ts";
import { choicesOf } from "./controls.tsx";
import { labelOf } from "./fields.tsx";
import { Scalar } from "./scalar.tsx";

const sent = new Map<string, Values>();

/** Remembers what this page has sent: the process shows it a moment later, or not at all. */
export function wasSent(id: string, values: Values): void {
  sent.set(id, values);
}

export function Filled({ task }: { task: Task }) {
  const fields = task.formFields ?? [];
  const variables = useVariables(fields.length && !sent.has(task.id) ? task.processInstanceId : null);
  const known: Values = { ...task.payload, ...variables, ...sent.get(task.id) };
  const filled = fields.filter(({ id }) => known[id] !== undefined && known[id] !== null && known[id] !== "");
  if (!filled.length) return null;
  return (
    <section>
      <h3>{t("form.filled")}</h3>
      <dl class="data">
        {filled.map((field) => [
          <dt key={`${field.id} name`} dir="auto">
            {labelOf(field)}
          </dt>,
          <dd key={field.id}>
            <Answer field={field} value={known[field.id]!} />
          </dd>,
        ])}
      </dl>
    </section>
  );
}

function Answer({ field, value }: { field: FormField; value: Json }) {
  const choices = [...(field.values ?? []), ...(choicesOf(field) ?? [])];
  const named = (one: Json) => choices.find(({ id }) => id === String(one))?.name ?? one;
  if (Array.isArray(value)) return <span dir="auto">{value.map(named).join(", ")}</span>;
  return <Scalar value={named(value)} name={field.id} />;
}

// Who may not see the process sees what the task itself has kept.
function useVariables(instanceId: string | null): Values {
  const [found, setFound] = useState<Values>({});
  useEffect(() => {
    if (!instanceId) return;
    const stop = new AbortController();
    call<{ items: { name: string; value: Json }[] }>(ofInstance(instanceId, "variables"), { signal: stop.signal }).then(
      ({ body }) => setFound(Object.fromEntries(body.items.map(({ name, value }) => [name, value]))),
      () => {},
    );
    return () => stop.abort();
  }, [instanceId]);
  return found;
}
