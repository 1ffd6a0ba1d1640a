// A table that becomes a list of cards where there is no room for columns.
import type { ComponentChildren } from "preact";

// Said again, as some browsers take a table that is laid out as blocks for none.
const TABLE = { role: "table" } as const;
const GROUP = { role: "rowgroup" } as const;
const ROW = { role: "row" } as const;
const HEAD = { role: "columnheader" } as const;
const CELL = { role: "cell" } as const;

interface Given {
  caption: string;
  heads: string[];
  children: ComponentChildren;
}

export function Table({ caption, heads, children }: Given) {
  return (
    <table class="ops-table" {...TABLE}>
      <caption>{caption}</caption>
      <thead {...GROUP}>
        <tr {...ROW}>
          {heads.map((head) => (
            <th key={head} scope="col" {...HEAD}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...GROUP}>{children}</tbody>
    </table>
  );
}

export function Row({ children, kind }: { children: ComponentChildren; kind?: string }) {
  return (
    <tr class={kind} {...ROW}>
      {children}
    </tr>
  );
}

/** `head` stands before it where the columns have gone. */
export function Cell({ head, children, kind }: { head: string; children: ComponentChildren; kind?: string }) {
  return (
    <td data-head={head} class={kind} {...CELL}>
      <div class="cell">{children}</div>
    </td>
  );
}
