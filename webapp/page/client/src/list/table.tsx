// Tasks as a dense table.
import { computed } from "@preact/signals";
import { Fragment } from "preact";
import { useRef } from "preact/hooks";
import { openChange } from "../dialogs/change.tsx";
import { Notable } from "../parts/badges.tsx";
import { nameOf } from "../state/commands.ts";
import { list } from "../state/lists.ts";
import { go } from "../state/place.ts";
import { session } from "../state/session.ts";
import { mayDefer } from "../task/rights.ts";
import { t } from "../words/words.ts";
import { Cell } from "./cell.tsx";
import { shownColumns, widthOf, widths } from "./chosen_columns.ts";
import { NAME } from "./columns.ts";
import { actHere } from "./complete.ts";
import { type DrawnTask, sizeOfList, useDrawn } from "./drawn.ts";
import { pick, useRow } from "./row.ts";
import { TableHead } from "./table_head.tsx";
import "./table.css";

const MEASURES = { row: 34, heading: 34 };
/** Of the boxes. */
const PICK = 38;
/** Columns in which a second click changes what they show. */
const CHANGED = ["dueDate", "priority"];

export function Table() {
  const own = useRef<HTMLTableSectionElement>(null);
  const { rows, after } = useDrawn(own, MEASURES);
  const paths = shownColumns.value;
  const size = sizeOfList();
  const across = paths.length + 1;
  return (
    <table
      id="list"
      class="table"
      tabIndex={-1}
      aria-labelledby="list-title"
      aria-rowcount={size < 0 ? -1 : size + 1}
      aria-busy={list.busy.value}
      style={wholeWidth.value}
    >
      <Widths />
      <TableHead paths={paths} />
      <tbody ref={own}>
        {rows.map(({ before, heading, ...row }) => (
          <Fragment key={row.task.id}>
            {before > 0 && <Gap height={before} across={across} />}
            {heading && (
              <tr class="day-row">
                <th colSpan={across} scope="colgroup">
                  <span class="day">{t(`due_day.${heading}`)}</span>
                </th>
              </tr>
            )}
            <Row {...row} paths={paths} />
          </Fragment>
        ))}
        {after > 0 && <Gap height={after} across={across} />}
      </tbody>
    </table>
  );
}

// Apart from the rows: they are not drawn again while a column is made wider.
function Widths() {
  return (
    <colgroup>
      <col style={{ width: `${PICK}px` }} />
      {shownColumns.value.map((path) => (
        <col key={path} style={{ width: hasRest(path) ? "auto" : `${widthOf(path)}px` }} />
      ))}
    </colgroup>
  );
}

// The name has what the others leave, until it is given a width itself.
const hasRest = (path: string) => path === NAME && widths.value[NAME] === undefined;

const wholeWidth = computed(() => {
  const sum = shownColumns.value.reduce((all, path) => all + widthOf(path), PICK);
  return { width: hasRest(NAME) ? "100%" : `${sum}px`, minWidth: `${sum}px` };
});

function Gap({ height, across }: { height: number; across: number }) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it has the focus
    <tr aria-hidden="true" class="gap" style={{ height: `${height}px` }}>
      <td colSpan={across} />
    </tr>
  );
}

interface Given extends Pick<DrawnTask, "task" | "index"> {
  paths: readonly string[];
}

function Row({ task, index, paths }: Given) {
  const { isOpen, isChosen, tab, ghost, kind } = useRow(task);
  const name = nameOf(task);
  const open = () => go({ task: task.id });
  const click = (event: MouseEvent) => {
    // What has its own meaning keeps it, and text can be marked.
    if ((event.target as Element).closest("button, input, a") || String(getSelection())) return;
    open();
  };
  const twice = (event: MouseEvent) => {
    const path = (event.target as Element).closest<HTMLElement>("[data-path]")?.dataset.path;
    if (!CHANGED.includes(path ?? "") || task.state !== "open" || !mayDefer(task, session)) return;
    openChange([task], (body) => void actHere(task, "change", body));
  };
  return (
    // The name is a button that does the same, and a key changes what a second click does.
    <tr
      data-id={task.id}
      aria-rowindex={index + 2}
      class={`${kind}${isOpen ? " is-open" : ""}${isChosen ? " chosen" : ""}`}
      onClick={click}
      onDblClick={twice}
    >
      <td class="pick-cell">
        <input
          type="checkbox"
          checked={isChosen}
          tabIndex={tab}
          aria-label={t("row.choose", { name })}
          onClick={(event) => pick(task.id, event)}
        />
      </td>
      {paths.map((path) =>
        path === NAME ? (
          <th key={path} scope="row">
            <span class="name-cell">
              <button type="button" class="name" tabIndex={tab} aria-current={isOpen} title={name} onClick={open}>
                <bdi>{name}</bdi>
              </button>
              {ghost ? (
                <span class="badge" title={ghost}>
                  {ghost}
                </span>
              ) : (
                <Notable task={task} />
              )}
            </span>
          </th>
        ) : (
          <td key={path} data-path={path}>
            <Cell task={task} path={path} />
          </td>
        ),
      )}
    </tr>
  );
}
