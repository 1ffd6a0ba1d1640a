// Which columns the table has, and in which order.
import { useRef } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { list } from "../state/lists.ts";
import { t } from "../words/words.ts";
import { chosenColumns, shownColumns, widths } from "./chosen_columns.ts";
import { titleOf } from "./column_titles.ts";
import { KNOWN, moved, NAME, pathsOf } from "./columns.ts";

export const openColumns = () => openDialog(() => <Columns />);

function Columns() {
  const shown = shownColumns.value;
  const left = KNOWN.map((one) => one.path).filter((path) => !shown.includes(path));
  const ofData = pathsOf(list.tasks.value).filter((path) => !shown.includes(path));
  const toggle = (path: string) => {
    chosenColumns.value = shown.includes(path) ? shown.filter((one) => one !== path) : [...shown, path];
  };
  const first = () => {
    chosenColumns.value = null;
    widths.value = {};
  };
  return (
    <Dialog title={t("columns.title")} close={closeDialog} kind="columns">
      <h3>{t("columns.shown")}</h3>
      <ol class="columns-list">
        {shown.map((path, index) => (
          <Shown key={path} path={path} index={index} many={shown.length} toggle={() => toggle(path)} />
        ))}
      </ol>
      {left.length > 0 && <h3>{t("columns.more")}</h3>}
      <Choices paths={left} toggle={toggle} />
      {ofData.length > 0 && <h3>{t("columns.data")}</h3>}
      <Choices paths={ofData} toggle={toggle} />
      <p class="actions">
        <button type="button" class="primary" onClick={closeDialog}>
          {t("close")}
        </button>
        <button type="button" class="plain" disabled={chosenColumns.value === null} onClick={first}>
          {t("columns.first")}
        </button>
      </p>
    </Dialog>
  );
}

interface Given {
  path: string;
  index: number;
  many: number;
  toggle: () => void;
}

function Shown({ path, index, many, toggle }: Given) {
  const own = useRef<HTMLLIElement>(null);
  const column = titleOf(path);
  const move = (by: number) => {
    chosenColumns.value = moved(shownColumns.value, path, by);
    // A button at the end is disabled and loses the focus; the other way is still open.
    requestAnimationFrame(() => {
      if (!own.current?.contains(document.activeElement))
        own.current?.querySelector<HTMLElement>("button:enabled")?.focus();
    });
  };
  return (
    <li ref={own}>
      <label>
        <input type="checkbox" checked disabled={path === NAME} onChange={toggle} />
        <span dir="auto">{column}</span>
      </label>
      <button
        type="button"
        class="plain"
        disabled={index === 0}
        aria-label={t("columns.up", { column })}
        onClick={() => move(-1)}
      >
        ↑
      </button>
      <button
        type="button"
        class="plain"
        disabled={index === many - 1}
        aria-label={t("columns.down", { column })}
        onClick={() => move(1)}
      >
        ↓
      </button>
    </li>
  );
}

function Choices({ paths, toggle }: { paths: string[]; toggle: (path: string) => void }) {
  return (
    <ul class="columns-choices">
      {paths.map((path) => (
        <li key={path}>
          <label>
            <input type="checkbox" checked={false} onChange={() => toggle(path)} />
            <span dir="auto">{titleOf(path)}</span>
          </label>
        </li>
      ))}
    </ul>
  );
}
