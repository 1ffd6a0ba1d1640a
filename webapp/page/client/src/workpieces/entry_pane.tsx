// One piece of business data: what it is, its tasks, what was done to it.
import type { Entry } from "../api/shapes.ts";
import { EntryLog, stateOf } from "../task/entries.tsx";
import { BackToList } from "../task/pane.tsx";
import { Tree } from "../task/tree.tsx";
import { t } from "../words/words.ts";
import { TasksOf } from "./beside.tsx";

export function EntryPane({ entry }: { entry: Entry }) {
  const state = stateOf(entry);
  return (
    <>
      <header class="pane-head">
        <BackToList />
        <p class="quiet" dir="auto">
          {[entry.type ?? entry.entryType, entry.entryId].join(" · ")}
        </p>
        <h2 dir="auto">{entry.name ?? entry.entryId}</h2>
        <p class="facts">{state && <span class="badge">{state}</span>}</p>
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
        <h3>{t("task.data")}</h3>
        <Tree values={entry.payload ?? {}} />
      </section>
      <TasksOf filter={`data.id = "${entry.id}"`} />
      <section>
        <h3>{t("task.history")}</h3>
        <EntryLog id={entry.id} revision={entry.revision} />
      </section>
    </>
  );
}
