// What a cell of the table says.
import type { Json, Task } from "../api/shapes.ts";
import { Priority } from "../parts/badges.tsx";
import { Moment } from "../parts/moment.tsx";
import { isPast } from "../state/clock.ts";
import { valueAt } from "../state/order.ts";
import { session } from "../state/session.ts";
import { day } from "../words/moments.ts";
import { locale, t } from "../words/words.ts";
import { plain } from "./plain.ts";

export function Cell({ task, path }: { task: Task; path: string }) {
  switch (path) {
    case "dueDate":
      return <DueCell task={task} />;
    case "priority":
      return <Priority value={task.priority} />;
    case "followUpDate":
    case "createTime":
      return task[path] ? <Moment iso={task[path]} /> : null;
    case "assignee":
      if (task.assignee === session.user) return <span class="mine">{t("cell.you")}</span>;
      return <Plain text={task.assignee ?? ""} />;
    case "description":
      return <Plain text={plain(task.description ?? "")} />;
    case "candidateGroups":
      return <Plain text={task.candidateGroups.join(", ")} />;
    default:
      return <Plain text={textOf(valueAt(task, path))} />;
  }
}

function Plain({ text }: { text: string }) {
  return (
    <span dir="auto" title={text}>
      {text}
    </span>
  );
}

function DueCell({ task }: { task: Task }) {
  const { dueDate, endTime, state } = task;
  if (state !== "open") return endTime ? <Moment iso={endTime} say={(when) => t("row.completed", { when })} /> : null;
  if (!dueDate) return null;
  if (!isPast(dueDate)) return <Moment iso={dueDate} />;
  return (
    <span class="badge late">
      <Moment iso={dueDate} say={(when) => t("cell.overdue", { when })} />
    </span>
  );
}

const A_DAY = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/;

export function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return value.toLocaleString(locale.value);
  if (typeof value === "boolean") return t(value ? "cell.yes" : "cell.no");
  if (typeof value === "string") return A_DAY.test(value) ? day(value) : value;
  return JSON.stringify(value);
}
