// Where an instance stands, as a list of sentences.
import type { Task } from "../api/shapes.ts";
import { GoLink } from "../parts/go_link.tsx";
import { exact } from "../words/moments.ts";
import { since } from "../words/since.ts";
import { t } from "../words/words.ts";
import type { Mark } from "./drawing.ts";
import { placeOf, waitsFor } from "./said.ts";
import { type Stand, sorted } from "./stands.ts";
import "./where_it_stands.css";

interface Given {
  stands: readonly Stand[];
  /** Those the reader may open. */
  tasks?: readonly Task[];
}

export function WhereItStands({ stands, tasks = [] }: Given) {
  const shown = sorted(stands);
  if (!shown.length) return <p class="quiet">{t("inst.moving")}</p>;
  return (
    <ul class="stands">
      {shown.map((one) => (
        <li key={`${one.element} ${one.taskId} ${one.since}`} class={one.kind === "incident" ? "has-stopped" : ""}>
          <Name stand={one} task={tasks.find((task) => task.id === one.taskId)} />: <bdi>{waitsFor(one)}</bdi>
          {one.since && <Since iso={one.since} />}
        </li>
      ))}
    </ul>
  );
}

function Name({ stand, task }: { stand: Stand; task: Task | undefined }) {
  const name = (
    <b>
      <bdi>{placeOf(stand)}</bdi>
    </b>
  );
  if (task)
    return (
      <GoLink to="visible" changes={{ deferred: true, task: task.id }}>
        {name}
      </GoLink>
    );
  if (!stand.called) return name;
  return (
    <GoLink to="running" changes={{ part: "all", task: stand.called }}>
      {name}
    </GoLink>
  );
}

export function Since({ iso }: { iso: string }) {
  return (
    <span class="quiet since">
      {" · "}
      <time dateTime={iso} title={exact(iso)}>
        {t("inst.since", { when: since(iso) })}
      </time>
    </span>
  );
}

/** What of it is marked in the picture; `own` is the element the reader is at. */
export function marksOf(stands: readonly Stand[], own?: string | null): Mark[] {
  const found: Mark[] = stands.map((one) => ({
    element: one.element,
    kind: one.kind === "incident" ? "has-stopped" : "is-here",
  }));
  return own ? [...found, { element: own, kind: "is-own" }] : found;
}
