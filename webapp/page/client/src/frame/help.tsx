// What keys do, by what is registered.
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
  return (
    <Dialog title={t("keys.title")} close={closeDialog} kind="help" isRead>
      <div class="help-groups">
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
      <p class="quiet">{t("keys.reader")}</p>
      <p class="actions">
        <button type="button" class="primary" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}
