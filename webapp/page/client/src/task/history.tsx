// What happened to the task, newest first.
import { useState } from "preact/hooks";
import { ofTask } from "../api/paths.ts";
import type { HistoryLine, Json, Task, Values } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { session } from "../state/session.ts";
import { exact } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { useFirst } from "./first.tsx";
import { type Happened, happened } from "./happened.ts";
import { Scalar } from "./scalar.tsx";
import { Tree } from "./tree.tsx";
import { isScalar } from "./values.ts";
import "./history.css";

const FIRST = 20;

export function History({ task }: { task: Task }) {
  // By the task itself and not by its revision: comments are lines, too, and no revisions.
  const lines = useRead<HistoryLine>(ofTask(task.id, "history"), task);
  const told = lines.map((line, index) => [line, lines[index - 1]?.assignee ?? null] as const);
  const { shown, rest } = useFirst(told.toReversed(), FIRST);
  return (
    <section>
      <h3>{t("task.history")}</h3>
      <ol class="history">
        {shown.map(([line, before]) => (
          <Line key={line.id} line={line} before={before} />
        ))}
      </ol>
      {rest}
    </section>
  );
}

function Line({ line, before }: { line: HistoryLine; before: string | null }) {
  const found = happened(line, session.user, before);
  const { fields, payload, text } = found;
  return (
    <li>
      <span dir="auto">{sayHappened(found)}</span>{" "}
      <span class="quiet">
        <Moment iso={line.time} />
      </span>
      {text && (
        <p class="history-text quiet" dir="auto">
          {text}
        </p>
      )}
      <Changed fields={fields} />
      {payload && <Payload values={payload} />}
    </li>
  );
}

/** Each field with what it has become. */
export function Changed({ fields }: Pick<Happened, "fields">) {
  if (!fields.length) return null;
  return (
    <ul class="changed">
      {fields.map(([name, value]) => (
        <li key={name}>
          {nameOf(name)}: <New value={value} />
        </li>
      ))}
    </ul>
  );
}

function sayHappened({ sentence, values, when, by }: Happened): string {
  const given = { ...values, when: when ? exact(when) : "" };
  if (!by) return t(sentence, given);
  if (sentence.startsWith("by.")) return t(sentence, { ...given, by: subject(by) });
  return t("event.by", { what: t(sentence, given), who: by });
}

const subject = (who: string): string => (who === session.user ? t("by.you") : t("by.who", { who }));

const KNOWN = new Set([
  "name",
  "description",
  "priority",
  "dueDate",
  "followUpDate",
  "owner",
  "formKey",
  "formUrl",
  "businessKey",
  "processDefinitionId",
]);
const nameOf = (field: string): string => (KNOWN.has(field) ? t(`attribute.${field}` as Word) : field);

function New({ value }: { value: Json }) {
  if (value === null || value === "") return <span class="quiet">{t("event.removed_value")}</span>;
  return <Scalar value={isScalar(value) ? value : JSON.stringify(value)} />;
}

function Payload({ values }: { values: Values }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="quiet">{t("event.data_now")}</summary>
      {isOpen && <Tree values={values} depth={1} />}
    </details>
  );
}
