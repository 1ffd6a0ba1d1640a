// What is known of a task besides what it is about.
import type { Task } from "../api/shapes.ts";
import { exact } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";

export function Details({ task }: { task: Task }) {
  const facts: [Word, string | null][] = [
    ["fact.application", task.application],
    ["fact.offered", [...task.candidateGroups, ...task.candidateUsers].join(", ")],
    ["fact.owner", task.owner],
    ["fact.created", task.createTime && exact(task.createTime)],
    ["fact.due", task.dueDate && exact(task.dueDate)],
    ["fact.hidden", task.followUpDate && exact(task.followUpDate)],
    ["fact.completed_by", task.completedBy],
    ["fact.instance", task.processInstanceId],
  ];
  return (
    <section>
      <h3>{t("task.details")}</h3>
      <Facts facts={facts} />
      {(task.warnings ?? []).map((one) => (
        <p key={one.attribute} class="quiet">
          {t("task.warning", { ...one })}
        </p>
      ))}
    </section>
  );
}

export function Facts({ facts }: { facts: [Word, string | null | undefined][] }) {
  return (
    <dl class="data">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => [
          <dt key={`${name} name`}>{t(name)}</dt>,
          <dd key={name} dir="auto">
            {value}
          </dd>,
        ])}
    </dl>
  );
}
