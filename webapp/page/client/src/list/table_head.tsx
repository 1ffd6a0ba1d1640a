// The heads of the columns: a click sorts by one, its right edge makes it wider.
import { useRef } from "preact/hooks";
import { list, question } from "../state/lists.ts";
import { go, place } from "../state/place.ts";
import { choose, chooseNone, chosen } from "../state/selection.ts";
import { t } from "../words/words.ts";
import { chooseAll } from "./bulk.tsx";
import { widen, widthOf } from "./chosen_columns.ts";
import { titleOf } from "./column_titles.ts";
import { columnOf, NARROWEST, WIDEST } from "./columns.ts";
import { clicked, readSort } from "./sorting.ts";

const DEFAULT = "-priority,dueDate";
const STEP = 16;

export function TableHead({ paths }: { paths: readonly string[] }) {
  return (
    <thead>
      <tr aria-rowindex={1}>
        <td class="pick-cell">
          <ChooseAll />
        </td>
        {paths.map((path) => (
          <Head key={path} path={path} />
        ))}
      </tr>
    </thead>
  );
}

function ChooseAll() {
  const many = list.tasks.value.length;
  const n = chosen.value.size;
  return (
    <input
      type="checkbox"
      aria-label={t("list.choose_all")}
      checked={many > 0 && n >= many}
      indeterminate={n > 0 && n < many}
      onClick={() => (n ? chooseNone() : list.hasMore.peek() ? void chooseAll() : choose(list.tasks.peek().map(idOf)))}
    />
  );
}

const idOf = ({ id }: { id: string }) => id;

function Head({ path }: { path: string }) {
  const column = columnOf(path);
  const keys = readSort(question.value?.sort || DEFAULT);
  const index = keys.findIndex((key) => key.path === path);
  const key = keys[index];
  const order = key?.descending ? "descending" : "ascending";
  const title = titleOf(path);
  const sort = (event: MouseEvent) => go({ sort: clicked(place.value.sort, path, event.shiftKey) });
  return (
    <th scope="col" aria-sort={index === 0 ? order : undefined}>
      {column.sorts ? (
        <button type="button" class="sort" title={t("list.sort_hint", { column: title })} onClick={sort}>
          <span dir="auto">{title}</span>
          {key && (
            <span class="sorted" aria-hidden="true">
              {key.descending ? "↓" : "↑"}
              {index > 0 && <sub>{index + 1}</sub>}
            </span>
          )}
        </button>
      ) : (
        <span class="sort">{title}</span>
      )}
      <Edge path={path} title={title} />
    </th>
  );
}

function Edge({ path, title }: { path: string; title: string }) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const width = widthOf(path);
  const rightToLeft = () => (document.dir === "rtl" ? -1 : 1);
  const keys = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -WIDEST, End: WIDEST }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    // They have another meaning in the list.
    event.stopPropagation();
    widen(path, width + by * rightToLeft());
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved
    <span
      class="edge"
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={t("column.width", { column: title })}
      aria-valuenow={width}
      aria-valuemin={NARROWEST}
      aria-valuemax={WIDEST}
      onKeyDown={keys}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width: event.currentTarget.closest("th")!.offsetWidth };
      }}
      onPointerMove={(event) => {
        if (!from.current) return;
        widen(path, from.current.width + (event.clientX - from.current.x) * rightToLeft());
      }}
      onPointerUp={() => {
        from.current = null;
      }}
    />
  );
}
