// One row of a list beside those of tasks: a card, or where there is room a line of a table.
import type { ComponentChildren } from "preact";
import { go, opened } from "../state/place.ts";
import "./row.css";

interface Given {
  id: string;
  title: string;
  /** What stands beside it, in the order of the columns. */
  children: ComponentChildren;
}

export function Row({ id, title, children }: Given) {
  return (
    <li data-id={id}>
      <button type="button" class="line" aria-current={opened.value === id} onClick={() => go({ task: id })}>
        <b dir="auto" title={title}>
          {title}
        </b>
        {children}
      </button>
    </li>
  );
}
