// Tasks as cards, one above the other.
import type { Task } from "../api/shapes.ts";
import { Due, Holder, Priority } from "../parts/badges.tsx";
import { nameOf } from "../state/commands.ts";
import { list } from "../state/lists.ts";
import { go, opened } from "../state/place.ts";
import { t } from "../words/words.ts";
import "./cards.css";

export function Cards() {
  return (
    <>
      <NewOnes />
      <ul id="list" class="cards" tabIndex={-1} aria-busy={list.busy.value}>
        {list.tasks.value.map((task) => (
          <Card key={task.id} task={task} />
        ))}
      </ul>
      {list.hasMore.value && (
        <button type="button" class="plain" onClick={() => list.readMore()}>
          {t("list.more")}
        </button>
      )}
    </>
  );
}

function Card({ task }: { task: Task }) {
  const ghost = list.ghosts.value.get(task.id);
  const about = [task.processName ?? task.application, task.businessKey].filter(Boolean).join(" · ");
  const kind = ghost === undefined ? (list.fresh.value.has(task.id) ? "fresh" : "") : "ghost";
  return (
    <li data-id={task.id} class={kind}>
      <button
        type="button"
        class="card-row"
        aria-current={opened.value === task.id}
        onClick={() => go({ task: task.id })}
      >
        <span class="row-top">
          <b dir="auto" title={nameOf(task)}>
            {nameOf(task)}
          </b>
          <Priority value={task.priority} />
        </span>
        <span class="row-sub" dir="auto">
          {about}
        </span>
        {task.description && (
          <span class="row-about" dir="auto">
            {task.description}
          </span>
        )}
        <span class="row-bottom">
          {ghost === undefined ? <Holder task={task} /> : <span class="badge">{ghost}</span>}
          <Due task={task} />
        </span>
      </button>
    </li>
  );
}

/** What came while the reader was further down. */
export function NewOnes() {
  const n = list.waiting.value;
  if (!n) return null;
  return (
    <button type="button" class="new-ones" onClick={() => list.reveal()}>
      {t("list.new", { n })}
    </button>
  );
}
