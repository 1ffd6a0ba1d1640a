// Tasks as cards, one above the other.
import { useRef } from "preact/hooks";
import { Due, Priority, Standing } from "../parts/badges.tsx";
import { nameOf } from "../state/commands.ts";
import { list } from "../state/lists.ts";
import { go } from "../state/place.ts";
import { chosen } from "../state/selection.ts";
import { t } from "../words/words.ts";
import { type DrawnTask, sizeOfList, useDrawn } from "./drawn.ts";
import { plain } from "./plain.ts";
import { pick, useRow } from "./row.ts";
import "./cards.css";

const MEASURES = { row: 104, heading: 40, gap: 7.5 };

export function Cards() {
  const own = useRef<HTMLUListElement>(null);
  const { rows, after, measure } = useDrawn(own, MEASURES);
  const last = rows.at(-1)?.index;
  return (
    <ul
      id="list"
      ref={own}
      class={`cards${chosen.value.size ? " choosing" : ""}`}
      tabIndex={-1}
      aria-labelledby="list-title"
      aria-busy={list.busy.value}
    >
      {rows.map((row) => (
        <Card
          key={row.task.id}
          {...row}
          after={row.index === last ? after : 0}
          setSize={sizeOfList()}
          measure={measure}
        />
      ))}
    </ul>
  );
}

interface Given extends DrawnTask {
  after: number;
  setSize: number;
  measure: ((node: HTMLElement | null) => void) | undefined;
}

function Card({ task, index, before, after, heading, setSize, measure }: Given) {
  const { isOpen, isChosen, tab, ghost, kind } = useRow(task);
  const name = nameOf(task);
  const about = [task.processName ?? task.application, task.businessKey].filter(Boolean).join(" · ");
  return (
    <li
      ref={measure}
      data-id={task.id}
      data-index={index}
      class={`card ${kind}`}
      aria-setsize={setSize}
      aria-posinset={index + 1}
      style={{ marginTop: `${before}px`, marginBottom: `${after}px` }}
    >
      {heading && <h2 class="day">{t(`due_day.${heading}`)}</h2>}
      <div class={`card-body${isChosen ? " chosen" : ""}`}>
        <input
          type="checkbox"
          class="pick"
          checked={isChosen}
          tabIndex={tab}
          aria-label={t("row.choose", { name })}
          onClick={(event) => pick(task.id, event)}
        />
        <button
          type="button"
          class="card-row"
          tabIndex={tab}
          aria-current={isOpen}
          onClick={() => go({ task: task.id })}
        >
          <span class="row-top">
            <b dir="auto" title={name}>
              {name}
            </b>
            <Priority value={task.priority} />
          </span>
          <span class="row-sub" dir="auto" title={about}>
            {about}
          </span>
          {task.description && (
            <span class="row-about" dir="auto">
              {plain(task.description)}
            </span>
          )}
          <span class="row-bottom">
            <Standing task={task} ghost={ghost} />
            <Due task={task} />
          </span>
        </button>
      </div>
    </li>
  );
}
