// One process instance: its tasks, its data.
import { ofInstance } from "../api/paths.ts";
import type { Json } from "../api/shapes.ts";
import { useRead } from "../parts/read.ts";
import { Facts } from "../task/details.tsx";
import { BackToList } from "../task/pane.tsx";
import { Tree } from "../task/tree.tsx";
import { exact } from "../words/moments.ts";
import { t } from "../words/words.ts";
import { type Instance, TasksOf } from "./beside.tsx";

export function InstancePane({ instance }: { instance: Instance }) {
  const variables = useRead<{ name: string; value: Json }>(ofInstance(instance.id, "variables"), instance.revision);
  return (
    <>
      <header class="pane-head">
        <BackToList />
        <p class="quiet">{instance.application}</p>
        <h2 dir="auto">{instance.processName ?? instance.processDefinitionKey ?? t("process")}</h2>
        <p class="facts">
          <span class="badge held">{t(`run.${instance.state}`)}</span>
        </p>
      </header>
      <TasksOf filter={`task.processInstanceId = "${instance.processInstanceId}"`} />
      {variables.length > 0 && (
        <section>
          <h3>{t("task.data")}</h3>
          <Tree values={Object.fromEntries(variables.map((one) => [one.name, one.value]))} />
        </section>
      )}
      <section>
        <h3>{t("task.details")}</h3>
        <Facts
          facts={[
            ["fact.business_key", instance.businessKey],
            ["fact.started_by", instance.startUser],
            ["fact.started", instance.startTime && exact(instance.startTime)],
            ["fact.application", instance.application],
            ["fact.instance", instance.processInstanceId],
          ]}
        />
      </section>
    </>
  );
}
