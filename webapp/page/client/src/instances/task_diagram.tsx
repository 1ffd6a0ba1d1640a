// Beside a task: the picture of its process, where that stands, and which element the task is.
import { signal } from "@preact/signals";
import { ofInstance } from "../api/paths.ts";
import type { Task } from "../api/shapes.ts";
import { nameOf } from "../state/commands.ts";
import { t } from "../words/words.ts";
import { Diagram } from "./diagram.tsx";
import { useLivePath } from "./live.ts";
import type { Activity, Instance } from "./shapes.ts";
import { standOf } from "./stands.ts";
import { marksOf, WhereItStands } from "./where_it_stands.tsx";
import "./task_diagram.css";

// Who looks at one picture wants that of the next task, too.
const isOpen = signal(false);

export function TaskDiagram({ task }: { task: Task }) {
  if (!task.processInstanceId) return null;
  return (
    <details
      class="task-diagram"
      open={isOpen.value}
      onToggle={(event) => {
        isOpen.value = event.currentTarget.open;
      }}
    >
      <summary>
        <h3>{t("inst.show_process")}</h3>
      </summary>
      {isOpen.value && <Opened key={task.processInstanceId} task={task} instance={task.processInstanceId} />}
    </details>
  );
}

function Opened({ task, instance }: { task: Task; instance: string }) {
  const read = useLivePath<{ items: Activity[] }>(ofInstance(instance, "activities"));
  const known = useLivePath<Instance>(ofInstance(instance));
  if (read.problem?.document.status === 404) return <p class="quiet">{t("drawn.away")}</p>;
  if (!read.found || !known.found) return <p class="quiet">{t("work.loading")}</p>;
  const stands = read.found.items.map(standOf);
  const own = task.state === "open" ? task.taskDefinitionKey : null;
  return (
    <>
      {known.found.endTime ? <p class="quiet">{t("inst.ended_nowhere")}</p> : <WhereItStands stands={stands} />}
      <Diagram
        instance={instance}
        definition={known.found.processDefinitionId}
        process={task.processDefinitionKey}
        name={task.processName ?? nameOf(task)}
        marks={marksOf(stands, own)}
      />
    </>
  );
}
