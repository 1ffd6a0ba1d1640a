// What a row says of a task beside its name: who has it, when it is due, how urgent it is.
import type { Action, Task } from "../api/shapes.ts";
import { isPast } from "../state/clock.ts";
import { doing } from "../state/commands.ts";
import { session } from "../state/session.ts";
import { askedBy } from "../task/rights.ts";
import { t, type Word } from "../words/words.ts";
import { Moment } from "./moment.tsx";

/** Why it goes, where it does; else who has it. */
export function Standing({ task, ghost }: { task: Task; ghost: string | undefined }) {
  return ghost === undefined ? <Holder task={task} /> : <span class="badge">{ghost}</span>;
}

/** What is being done to it just now, by oneself or somebody else. */
export function Doing({ task }: { task: Task }) {
  const own = doing.value.get(task.id);
  const action: Action | undefined = own ?? task.pending?.action;
  if (!action) return null;
  const who = own ? session.user : task.pending!.user;
  return <span class="badge busy">{t(`row.doing.${action}` as Word, { who })}</span>;
}

export function Holder({ task }: { task: Task }) {
  if (doing.value.has(task.id) || task.pending) return <Doing task={task} />;
  if (task.state === "completed" && task.endTime) {
    return (
      <span class="badge done">
        <Moment iso={task.endTime} say={(when) => t("row.completed", { when })} />
      </span>
    );
  }
  if (task.suspended) return <span class="badge">{t("row.suspended")}</span>;
  if (!task.assignee) return <span class="badge open">{t("row.unassigned")}</span>;
  const mine = task.assignee === session.user;
  const asked = askedBy(task);
  if (mine && asked) return <span class="badge held">{t("row.yours_for", { who: asked })}</span>;
  return <span class="badge held">{mine ? t("row.yours") : t("row.held", { who: task.assignee })}</span>;
}

/** What a row says beside its columns: what is done to it, and why less can be done with it than with others. */
export function Notable({ task }: { task: Task }) {
  const isNotable = task.suspended || (task.assignee === session.user && askedBy(task));
  return isNotable ? <Holder task={task} /> : <Doing task={task} />;
}

export function Due({ task }: { task: Task }) {
  if (task.state !== "open") return null;
  if (task.followUpDate && !isPast(task.followUpDate)) {
    return (
      <span class="badge">
        <Moment iso={task.followUpDate} say={(when) => t("row.back", { when })} />
      </span>
    );
  }
  if (!task.dueDate) {
    if (!task.createTime) return null;
    return (
      <span class="when">
        <Moment iso={task.createTime} say={(when) => t("row.created", { when })} />
      </span>
    );
  }
  const late = isPast(task.dueDate);
  return (
    <span class={late ? "badge late" : "badge"}>
      <Moment iso={task.dueDate} say={(when) => t(late ? "row.overdue" : "row.due", { when })} />
    </span>
  );
}

const BANDS: [number, Word, string][] = [
  [75, "priority.critical", "p3"],
  [50, "priority.high", "p2"],
  [25, "priority.medium", "p1"],
];

export function Priority({ value }: { value: number | null }) {
  if (value === null) return null;
  const [, label, kind] = BANDS.find(([above]) => value > above) ?? [0, "priority.low" as Word, "p0"];
  return (
    <span class={`priority ${kind}`} title={t("priority.title", { n: value })}>
      {t(label)}
    </span>
  );
}
