// What the task carries.
import type { Json, Task } from "../api/shapes.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { fieldsOf } from "./fields.tsx";
import { Tree } from "./tree.tsx";

export function Data({ task }: { task: Task }) {
  const asked = task.state === "open" && task.assignee === session.user && !task.formFields?.length && !task.formRef;
  const inForm = new Set(asked ? fieldsOf(task).map((field) => field.id) : []);
  const left = Object.entries(task.payload ?? {}).filter(([name]) => !inForm.has(name));
  if (!left.length) return null;
  return (
    <section>
      <h3>{t("task.data")}</h3>
      <Tree values={Object.fromEntries(left) as { [name: string]: Json }} />
    </section>
  );
}
