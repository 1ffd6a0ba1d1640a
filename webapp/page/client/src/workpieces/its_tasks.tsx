// The tasks of an instance or an entry that the reader may see: open ones, and ended ones they took part in.
import { call } from "../api/calls.ts";
import type { Filter, Task, TaskPage } from "../api/shapes.ts";
import { type Live, useLive } from "../instances/live.ts";
import { waitsFor } from "../instances/said.ts";
import { standOfTask } from "../instances/stands.ts";
import { GoLink } from "../parts/go_link.tsx";
import { Moment } from "../parts/moment.tsx";
import { nameOf } from "../state/commands.ts";
import { t } from "../words/words.ts";
import "./its_tasks.css";

const MOST = 100;

export function useItsTasks(filters: Filter[] | null): Live<Task[]> {
  return useLive<Task[]>(filters && JSON.stringify(filters), async (signal) => {
    const ask = async (scope: string) => {
      const body = { scope, deferred: "show", filter: { and: filters }, size: MOST };
      return (await call<TaskPage>("/tasks/search", { method: "POST", body, signal })).body.items;
    };
    const [open, involved] = await Promise.all([ask("visible"), ask("involved")]);
    const known = new Set(open.map((one) => one.id));
    return [...open, ...involved.filter((one) => !known.has(one.id))];
  });
}

export function ItsTasks({ tasks }: { tasks: readonly Task[] | null }) {
  if (!tasks) return null;
  const open = tasks.filter((one) => one.state === "open");
  const ended = tasks.filter((one) => one.state !== "open");
  return (
    <section>
      <h3>{t("work.tasks")}</h3>
      {!tasks.length && <p class="quiet">{t("work.no_tasks")}</p>}
      {open.length > 0 && <Several title={ended.length ? t("inst.tasks_open") : null} tasks={open} />}
      {ended.length > 0 && <Several title={t("inst.tasks_ended")} tasks={ended} />}
    </section>
  );
}

function Several({ title, tasks }: { title: string | null; tasks: Task[] }) {
  return (
    <>
      {title && <h4>{title}</h4>}
      <ul class="of-it">
        {tasks.map((task) => (
          <li key={task.id}>
            <GoLink
              to={task.state === "open" ? "visible" : "involved"}
              changes={{ deferred: task.state === "open", task: task.id }}
            >
              {nameOf(task)}
            </GoLink>{" "}
            <span class="quiet">{who(task)}</span>
            {task.endTime && (
              <span class="quiet">
                {" · "}
                <Moment iso={task.endTime} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function who(task: Task): string {
  const { state, completedBy } = task;
  if (state === "deleted") return t("inst.removed");
  if (state === "completed") return completedBy ? t("inst.ended_by", { who: completedBy }) : t("state.COMPLETED");
  return waitsFor(standOfTask(task));
}
