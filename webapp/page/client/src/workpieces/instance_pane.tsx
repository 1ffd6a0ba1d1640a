// One process instance: its state, where it stands and who has it, its tasks, its data, what belongs to it.
import { useEffect, useState } from "preact/hooks";
import { ofInstance } from "../api/paths.ts";
import type { Json } from "../api/shapes.ts";
import { Diagram } from "../instances/diagram.tsx";
import { ItsInstances } from "../instances/its_instances.tsx";
import { useLivePath } from "../instances/live.ts";
import { quoted } from "../instances/quoted.ts";
import { nameOfInstance } from "../instances/running.tsx";
import { type Activity, hasEnded, type Instance } from "../instances/shapes.ts";
import { standOf } from "../instances/stands.ts";
import { marksOf, WhereItStands } from "../instances/where_it_stands.tsx";
import type { InstanceActions as Actions } from "../operate/instance_actions.tsx";
import { GoLink } from "../parts/go_link.tsx";
import { Moment } from "../parts/moment.tsx";
import { session } from "../state/session.ts";
import { Facts } from "../task/details.tsx";
import { BackToList } from "../task/pane.tsx";
import { Tree } from "../task/tree.tsx";
import { exact } from "../words/moments.ts";
import { t } from "../words/words.ts";
import { leave } from "./beside.tsx";
import { ItsTasks, useItsTasks } from "./its_tasks.tsx";

export function InstancePane({ id }: { id: string }) {
  const { found: instance, problem, again } = useLivePath<Instance>(ofInstance(id));
  const isGone = problem?.document.status === 404;
  useEffect(() => {
    if (isGone) leave();
  }, [isGone]);
  return instance ? <Whole instance={instance} again={again} /> : <p class="quiet">{t("work.loading")}</p>;
}

function Whole({ instance, again }: { instance: Instance; again: () => void }) {
  const InstanceActions = useInstanceActions();
  const { id, application, processInstanceId } = instance;
  const its = [`task.processInstanceId = ${quoted(processInstanceId)}`, `task.application = ${quoted(application)}`];
  const tasks = useItsTasks(its).found;
  const stands = useLivePath<{ items: Activity[] }>(ofInstance(id, "activities")).found?.items.map(standOf);
  const variables = useLivePath<{ items: { name: string; value: Json }[] }>(ofInstance(id, "variables")).found?.items;
  const ended = hasEnded(instance);
  return (
    <>
      <Heading instance={instance} />
      {InstanceActions && <InstanceActions instance={instance} changed={again} />}
      <section>
        <h3>{t(ended ? "inst.process" : "inst.stands")}</h3>
        {stands && !ended && <WhereItStands stands={stands} tasks={tasks ?? []} />}
        <Diagram
          instance={id}
          definition={instance.processDefinitionId}
          process={instance.processDefinitionKey}
          name={nameOfInstance(instance)}
          marks={marksOf(stands ?? [])}
        />
      </section>
      <ItsTasks tasks={tasks} />
      {variables && variables.length > 0 && (
        <section>
          <h3>{t("work.data")}</h3>
          <Tree values={Object.fromEntries(variables.map((one) => [one.name, one.value]))} />
        </section>
      )}
      <ItsInstances
        title={t("inst.called")}
        filters={[
          `instance.superInstanceId = ${quoted(processInstanceId)}`,
          `instance.application = ${quoted(application)}`,
        ]}
      />
      <Details instance={instance} />
    </>
  );
}

// Most who look at an instance are no operators.
function useInstanceActions() {
  const [found, setFound] = useState<typeof Actions | null>(null);
  useEffect(() => {
    if (session.isOperator)
      void import("../operate/instance_actions.tsx").then((part) => setFound(() => part.InstanceActions));
  }, []);
  return found;
}

function Heading({ instance }: { instance: Instance }) {
  const { state, startUser, startTime, endTime, incidents, deleteReason } = instance;
  const kind = state === "FINISHED" ? "done" : state === "RUNNING" ? "held" : "busy";
  return (
    <header class="pane-head">
      <BackToList />
      <p class="quiet" dir="auto">
        {[instance.application, instance.businessKey].filter(Boolean).join(" · ")}
      </p>
      <h2 dir="auto">{nameOfInstance(instance)}</h2>
      <p class="facts">
        <span class={`badge ${kind}`}>{t(`run.${state}`)}</span>
        <Incidents n={incidents} />
        <span class="quiet" dir="auto">
          {startUser ? t("work.started_by", { who: startUser }) : t("work.started")}{" "}
          {startTime && <Moment iso={startTime} />}
        </span>
        {endTime && (
          <span class="quiet">
            <Moment
              iso={endTime}
              say={(when) => t(state === "CANCELLED" ? "inst.cancelled" : "inst.finished", { when })}
            />
          </span>
        )}
      </p>
      {deleteReason && (
        <p class="about" dir="auto">
          {t("inst.reason")}: {deleteReason}
        </p>
      )}
    </header>
  );
}

function Incidents({ n }: { n: number | null }) {
  if (!n) return null;
  const text = t("inst.incidents", { n });
  if (!session.isOperator) return <span class="badge late">{text}</span>;
  return (
    <GoLink to="operate" changes={{ part: "incidents" }} class="badge late">
      {text}
    </GoLink>
  );
}

function Details({ instance }: { instance: Instance }) {
  const { superInstanceId } = instance;
  return (
    <section>
      <h3>{t("work.details")}</h3>
      <Facts
        facts={[
          ["inst.business_key", instance.businessKey],
          ["inst.started_by", instance.startUser],
          ["inst.started", instance.startTime && exact(instance.startTime)],
          ["inst.ended", instance.endTime && exact(instance.endTime)],
          ["inst.application", instance.application],
          ["inst.definition", instance.processDefinitionId],
          ["inst.id", instance.processInstanceId],
        ]}
      />
      {superInstanceId && (
        <p>
          {t("inst.caller")}{" "}
          <GoLink to="running" changes={{ part: "all", task: superInstanceId }}>
            {t("inst.its_caller")}
          </GoLink>
        </p>
      )}
    </section>
  );
}
