// One process instance as an operator needs it: where it stands, its variables, what can be done to it.
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { Json } from "../api/shapes.ts";
import { Diagram } from "../instances/diagram.tsx";
import { nameOfInstance } from "../instances/running.tsx";
import type { Activity, Instance } from "../instances/shapes.ts";
import { standOf } from "../instances/stands.ts";
import { marksOf } from "../instances/where_it_stands.tsx";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { Tree } from "../task/tree.tsx";
import { exact } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { Back } from "./incident.tsx";
import { InstanceActions } from "./instance_actions.tsx";
import { reasonOf } from "./outcomes.tsx";
import { PartLink } from "./part_link.tsx";
import { Cell, Row, Table } from "./table.tsx";

const EVERY = 5000;

export function InstanceView({ id }: { id: string }) {
  const [instance, setInstance] = useState<Instance | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [when, setWhen] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setWhen((before) => before + 1), EVERY);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    const stop = new AbortController();
    call<Instance>(ofInstance(id), { signal: stop.signal }).then(
      ({ body }) => {
        setInstance(body);
        setFailed(null);
      },
      (error) => {
        if (stop.signal.aborted) return;
        const isGone = error instanceof Problem && error.document.status === 404;
        setFailed(isGone ? t("ops.instance.gone") : reasonOf(error));
      },
    );
    return () => stop.abort();
  }, [id, when]);
  return (
    <section aria-labelledby="part-title">
      <Back />
      <h2 id="part-title" dir="auto">
        {instance?.processName ?? instance?.processDefinitionKey ?? t("process")}
      </h2>
      {failed && (
        <p class="notice late" dir="auto">
          {failed}
        </p>
      )}
      {instance && (
        <>
          <Facts instance={instance} />
          <InstanceActions instance={instance} changed={() => setWhen((before) => before + 1)} />
          <Standing instance={instance} when={when} />
          <Variables instance={instance} when={when} />
        </>
      )}
    </section>
  );
}

function Facts({ instance }: { instance: Instance }) {
  const facts: [Word, string | null][] = [
    ["ops.state", t(`run.${instance.state}`)],
    ["ops.instances.key", instance.businessKey],
    ["ops.application", instance.application],
    ["ops.definition", instance.processDefinitionId],
    ["ops.started", instance.startTime && exact(instance.startTime)],
    ["ops.started_by", instance.startUser],
    ["ops.ended", instance.endTime && exact(instance.endTime)],
    ["ops.why_ended", instance.deleteReason],
    ["ops.instance", instance.processInstanceId],
  ];
  return (
    <dl class="data">
      {facts.map(([word, value]) =>
        value
          ? [
              <dt key={word}>{t(word)}</dt>,
              <dd key={`${word} value`} dir="auto">
                {value}
              </dd>,
            ]
          : null,
      )}
    </dl>
  );
}

function Standing({ instance, when }: { instance: Instance; when: number }) {
  const items = useRead<Activity>(ofInstance(instance.id, "activities"), when);
  const heads = [t("ops.element"), t("ops.activity.type"), t("ops.activity.since"), t("ops.activity.more")];
  return (
    <section aria-labelledby="standing-title">
      <h3 id="standing-title">{t("ops.instance.stands")}</h3>
      {items.length === 0 && <p class="quiet">{t("ops.instance.nowhere")}</p>}
      {items.length > 0 && (
        <Table caption={t("ops.instance.stands")} heads={heads}>
          {items.map((one, index) => (
            <Row key={`${index} ${one.element}`}>
              <Cell head={heads[0]!}>
                <b dir="auto">{one.name ?? one.element}</b>
                {one.name && <span class="quiet">{one.element}</span>}
              </Cell>
              <Cell head={heads[1]!}>
                <span class={one.incident ? "badge late" : "badge"}>{t(`ops.activity.${one.type}` as Word)}</span>
              </Cell>
              <Cell head={heads[2]!}>{one.since ? <Moment iso={one.since} /> : "–"}</Cell>
              <Cell head={heads[3]!}>
                <More activity={one} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <Diagram
        instance={instance.id}
        definition={instance.processDefinitionId}
        process={instance.processDefinitionKey}
        name={nameOfInstance(instance)}
        marks={marksOf(items.map(standOf))}
      />
    </section>
  );
}

function More({ activity }: { activity: Activity }) {
  if (activity.incident)
    return (
      <PartLink part="incidents" task={activity.incident}>
        {t("ops.to_incident")}
      </PartLink>
    );
  if (activity.calledInstanceId)
    return (
      <PartLink part="instances" task={activity.calledInstanceId}>
        {t("ops.to_called")}
      </PartLink>
    );
  if (activity.taskId)
    return <a href={`?tab=visible&deferred&task=${encodeURIComponent(activity.taskId)}`}>{t("ops.to_task")}</a>;
  return <>–</>;
}

function Variables({ instance, when }: { instance: Instance; when: number }) {
  const items = useRead<{ name: string; value: Json }>(ofInstance(instance.id, "variables"), when);
  return (
    <section aria-labelledby="variables-title">
      <h3 id="variables-title">{t("ops.variables")}</h3>
      {items.length === 0 ? (
        <p class="quiet">{t("ops.variables.none")}</p>
      ) : (
        <Tree values={Object.fromEntries(items.map((one) => [one.name, one.value]))} />
      )}
    </section>
  );
}
