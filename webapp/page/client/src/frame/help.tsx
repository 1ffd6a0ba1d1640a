// What keys do, by what is registered.
import { useEffect, useRef } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { type Deed, deeds } from "../state/keys.ts";
import { t, type Word } from "../words/words.ts";
import { Keys } from "./key_names.tsx";
import "./help.css";

const GROUPS: Deed["group"][] = ["list", "task", "go", "page"];

export const openHelp = () => openDialog(() => <Help />);

function Help() {
  const all = [...deeds.value.values()].filter((one) => one.keys?.length);
  const own = useRef<HTMLDivElement>(null);
  // Its only button is at the end; what one reads first is not.
  useEffect(() => own.current?.closest("dialog")?.scrollTo(0, 0), []);
  return (
    <Dialog title={t("keys.title")} close={closeDialog} kind="help">
      <div class="help-groups" ref={own}>
        {GROUPS.map((group) => {
          const found = all.filter((one) => one.group === group);
          if (!found.length) return null;
          return (
            <section key={group}>
              <h3>{t(`keys.${group}` as Word)}</h3>
              <dl class="keys">
                {found.map((one) => [
                  <dt key={`${one.id} key`}>
                    <Keys name={one.keys![0]!} />
                  </dt>,
                  <dd key={`${one.id} label`}>{t(one.label)}</dd>,
                ])}
              </dl>
            </section>
          );
        })}
      </div>
      <p class="actions">
        <button type="button" class="primary" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}
