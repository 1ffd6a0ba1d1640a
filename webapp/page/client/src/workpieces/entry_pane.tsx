// One piece of business data: what it is, its tasks and processes, what was done to it.
import { useEffect } from "preact/hooks";
import { ofEntry } from "../api/paths.ts";
import type { Entry, Task } from "../api/shapes.ts";
import { ItsInstances } from "../instances/its_instances.tsx";
import { useLivePath } from "../instances/live.ts";
import { among, quoted } from "../instances/quoted.ts";
import { EntryLog, stateOf } from "../task/entries.tsx";
import { BackToList } from "../task/pane.tsx";
import { Tree } from "../task/tree.tsx";
import { t } from "../words/words.ts";
import { leave } from "./beside.tsx";
import { ItsTasks, useItsTasks } from "./its_tasks.tsx";

export function EntryPane({ id }: { id: string }) {
  const { found: entry, problem } = useLivePath<Entry>(ofEntry(id));
  const isGone = problem?.document.status === 404;
  const tasks = useItsTasks(entry && [`data.id = ${quoted(entry.id)}`]).found;
  useEffect(() => {
    if (isGone) leave();
  }, [isGone]);
  if (!entry) return <p class="quiet">{t("work.loading")}</p>;
  const state = stateOf(entry);
  return (
    <>
      <header class="pane-head">
        <BackToList />
        <p class="quiet" dir="auto">
          {[entry.type ?? entry.entryType, entry.entryId].join(" · ")}
        </p>
        <h2 dir="auto">{entry.name ?? entry.entryId}</h2>
        <p class="facts">{state && <span class="badge held">{state}</span>}</p>
      </header>
      {entry.description && (
        <p class="about" dir="auto">
          {entry.description}
        </p>
      )}
      {entry.formUrl && (
        <p>
          <a class="button" href={entry.formUrl} target="_blank" rel="noopener noreferrer">
            {t("work.open")}
          </a>
        </p>
      )}
      <section>
        <h3>{t("work.data")}</h3>
        <Tree values={entry.payload ?? {}} />
      </section>
      <ItsTasks tasks={tasks} />
      <ItsInstances title={t("work.processes")} filters={instancesOf(tasks ?? [])} />
      <section>
        <h3>{t("work.history")}</h3>
        <EntryLog id={entry.id} revision={entry.revision} />
      </section>
    </>
  );
}

function instancesOf(tasks: readonly Task[]): string[] | null {
  const ids = new Set(tasks.flatMap((one) => (one.processInstanceId ? [one.processInstanceId] : [])));
  return ids.size ? among("instance.processInstanceId", [...ids].slice(0, 50)) : null;
}
