// What is known of a task besides what it is about.
import type { ComponentChild } from "preact";
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { Task } from "../api/shapes.ts";
import { session } from "../state/session.ts";
import { exact } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { LongText } from "./long_text.tsx";

type Fact = [Word, ComponentChild];

export function Details({ task }: { task: Task }) {
  const facts: Fact[] = [
    ["fact.application", task.application],
    ["fact.seen_by", <SeenBy key="seen" task={task} />],
    ["fact.excluded", task.excludedUsers.join(", ")],
    ["fact.owner", task.owner],
    ["fact.created", task.createTime && exact(task.createTime)],
    ["fact.due", task.dueDate && exact(task.dueDate)],
    ["fact.hidden", task.followUpDate && exact(task.followUpDate)],
    ["fact.completed_by", task.completedBy],
    ["fact.completed", task.endTime && exact(task.endTime)],
    ["fact.business_key", task.businessKey],
    ["fact.instance", task.processInstanceId && <Instance key="instance" id={task.processInstanceId} />],
  ];
  return (
    <section>
      <h3>{t("task.details")}</h3>
      <Facts facts={facts} />
      {(task.warnings ?? []).map((one) => (
        <p key={one.attribute} class="quiet warning" dir="auto">
          {t("task.warning", { ...one })}
        </p>
      ))}
    </section>
  );
}

export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl class="data">
      {facts
        .filter(([, value]) => value)
        .map(([name, value]) => [
          <dt key={`${name} name`}>{t(name)}</dt>,
          <dd key={name} dir="auto">
            {typeof value === "string" ? <LongText text={value} /> : value}
          </dd>,
        ])}
    </dl>
  );
}

// Whom it is offered to, and operators, who see everything.
function SeenBy({ task }: { task: Task }) {
  const named = new Set([...task.candidateUsers, ...(task.assignee ? [task.assignee] : [])]);
  const users = [...named].filter((name) => name !== session.user);
  return (
    <ul class="inline">
      {task.candidateGroups.map((name) => (
        <li key={`group ${name}`} dir="auto">
          {t("fact.group", { name })}
        </li>
      ))}
      {users.map((name) => (
        <li key={name} dir="auto">
          {name}
        </li>
      ))}
      <li>{t("fact.operators")}</li>
    </ul>
  );
}

/** A link to the process where the reader may see it, else its name only. */
function Instance({ id }: { id: string }) {
  const [opaque, setOpaque] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    call<{ id: string }>(ofInstance(id), { signal: stop.signal }).then(
      ({ body }) => setOpaque(body.id),
      () => {},
    );
    return () => stop.abort();
  }, [id]);
  if (!opaque) return <>{id}</>;
  return <a href={`?tab=running&task=${encodeURIComponent(opaque)}`}>{id}</a>;
}
