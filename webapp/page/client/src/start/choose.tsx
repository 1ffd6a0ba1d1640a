// Which process to start: the recent ones first, found by what is typed.
import { useEffect, useState } from "preact/hooks";
import { fit } from "../frame/palette_match.ts";
import { Dialog } from "../parts/dialog.tsx";
import { explain } from "../state/commands.ts";
import { closeDialog } from "../state/dialogs.ts";
import { recentStarts } from "../state/preferences.ts";
import { t } from "../words/words.ts";
import { type Definition, definitions, inOrder, refOf } from "./definitions.ts";

const FEW = 5;

export function Choose({ start }: { start: (one: Definition) => void }) {
  const [all, setAll] = useState<Definition[] | null>(null);
  const [wrong, setWrong] = useState("");
  const [typed, setTyped] = useState("");
  useEffect(() => {
    definitions().then(setAll, (error) => setWrong(explain(error)));
  }, []);
  const recent = recentStarts.value;
  const fits = (one: Definition) => fit(typed, `${one.name ?? ""} ${one.key} ${one.application}`) > 0;
  const found = inOrder(all ?? [], recent).filter(fits);
  const first = (event: Event) => {
    event.preventDefault();
    if (found[0]) start(found[0]);
  };
  return (
    <Dialog title={t("start.open")} close={closeDialog} kind="start">
      {wrong && <p role="alert">{wrong}</p>}
      {all?.length === 0 && <p>{t("start.none")}</p>}
      {(all?.length ?? 0) > FEW && (
        <form onSubmit={first}>
          <input
            type="search"
            aria-label={t("start.search")}
            placeholder={t("start.search")}
            autocomplete="off"
            dir="auto"
            value={typed}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </form>
      )}
      <ul class="choices-list start-list">
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => start(one)}>
              <span class="start-name">
                <b dir="auto">{one.name ?? one.key}</b>
                {recent.includes(refOf(one)) && <span class="badge">{t("start.recent")}</span>}
              </span>
              <span class="quiet" dir="auto">
                {one.description ?? one.application}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {all !== null && all.length > 0 && !found.length && <p class="quiet">{t("palette.none")}</p>}
      <p class="actions">
        <button type="button" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}
