// Other open tasks of the same process instance.
import type { Task } from "../api/shapes.ts";
import { Holder } from "../parts/badges.tsx";
import { useRead } from "../parts/read.ts";
import { nameOf } from "../state/commands.ts";
import { go, place, writePlace } from "../state/place.ts";
import { t } from "../words/words.ts";
import { useFirst } from "./first.tsx";
import { quoted } from "./quoted.ts";

const FIRST = 5;

export function Siblings({ task }: { task: Task }) {
  return task.processInstanceId ? <Others task={task} instance={task.processInstanceId} /> : null;
}

function Others({ task, instance }: { task: Task; instance: string }) {
  const asked = new URLSearchParams([
    ["filter", `task.processInstanceId = ${quoted(instance)}`],
    ["filter", `task.application = ${quoted(task.application)}`],
    ["deferred", "show"],
    ["size", "50"],
  ]);
  const found = useRead<Task>(`/tasks?${asked}`, task);
  const { shown, rest } = useFirst(
    found.filter((one) => one.id !== task.id),
    FIRST,
  );
  if (!shown.length) return null;
  return (
    <section>
      <h3>{t("task.siblings")}</h3>
      <ul class="of-it">
        {shown.map((one) => (
          <li key={one.id}>
            <Opens task={one} /> <Holder task={one} />
          </li>
        ))}
      </ul>
      {rest}
    </section>
  );
}

function Opens({ task }: { task: Task }) {
  const follow = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go({ task: task.id });
    document.getElementById("pane")?.focus();
  };
  return (
    <a href={writePlace({ ...place.value, task: task.id })} dir="auto" onClick={follow}>
      {nameOf(task)}
    </a>
  );
}
