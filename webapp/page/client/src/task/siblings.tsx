// Other tasks that belong to one: of the same process instance, its parts, and what it is a part of.
import type { Task } from "../api/shapes.ts";
import { Holder } from "../parts/badges.tsx";
import { useRead } from "../parts/read.ts";
import { nameOf } from "../state/commands.ts";
import { go, place, writePlace } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import { useFirst } from "./first.tsx";
import { quoted } from "./quoted.ts";

const FIRST = 5;

export function Siblings({ task }: { task: Task }) {
  const { processInstanceId: instance, application } = task;
  if (!instance) return null;
  const filters = [`task.processInstanceId = ${quoted(instance)}`, `task.application = ${quoted(application)}`];
  return <Others task={task} filters={filters} title="task.siblings" />;
}

/** Open tasks that are a part of it. */
export const Parts = ({ task }: { task: Task }) => (
  <Others task={task} filters={[`task.parentTaskId = ${task.id}`]} title="task.parts" />
);

/** The task that it is a part of, while that is open. */
export const Parent = ({ task }: { task: Task }) =>
  task.parentTaskId && (
    <Others key={task.parentTaskId} task={task} filters={[`task.id = ${task.parentTaskId}`]} title="task.parent" />
  );

function Others({ task, filters, title }: { task: Task; filters: string[]; title: Word }) {
  const asked = new URLSearchParams([
    ...filters.map((filter) => ["filter", filter]),
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
      <h3>{t(title)}</h3>
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
