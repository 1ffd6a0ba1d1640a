// What happened to the task, oldest first.
import { ofTask } from "../api/paths.ts";
import type { HistoryLine, Task } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { t, type Word } from "../words/words.ts";

export function History({ task }: { task: Task }) {
  const lines = useRead<HistoryLine>(ofTask(task.id, "history"), task.revision);
  return (
    <section>
      <h3>{t("task.history")}</h3>
      <ol class="history">
        {lines.map((line) => (
          <li key={line.id}>
            <span dir="auto">{happened(line)}</span>{" "}
            <span class="quiet">
              <Moment iso={line.time} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const PLAIN = new Set([
  "created",
  "attributes_changed",
  "candidates_changed",
  "migrated",
  "deleted",
  "restated",
  "commented",
]);

function happened({ type, changes }: HistoryLine): string {
  const kind = type.split(".").pop() ?? "";
  const { assignee, completedBy } = changes ?? {};
  if (kind === "assigned")
    return typeof assignee === "string" ? t("event.assigned", { who: assignee }) : t("event.given_back");
  if (kind === "completed")
    return typeof completedBy === "string" ? t("event.completed_by", { who: completedBy }) : t("event.completed");
  return t(PLAIN.has(kind) ? (`event.${kind}` as Word) : "event.other");
}
