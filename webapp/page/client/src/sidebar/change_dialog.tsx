// Changes a saved filter of one's own: its name, its look, who sees it, its place; deletes it.
import { useState } from "preact/hooks";
import { lookOf } from "../filters/look.ts";
import { LookFields } from "../filters/look_fields.tsx";
import { Sharing } from "../filters/sharing.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { go, goTo, place } from "../state/place.ts";
import { changeFilter, forgetFilter, moveFilter, ownFilters } from "../state/saved_filters.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";

export const openChange = (id: string) => openDialog(() => <Change id={id} />);

function Change({ id }: { id: string }) {
  const all = ownFilters.value;
  const at = all.findIndex((one) => one.id === id);
  const one = all[at];
  const [name, setName] = useState(one?.name ?? "");
  const [groups, setGroups] = useState(one?.groups ?? []);
  const [look, setLook] = useState(lookOf(one));
  const [isSure, setSure] = useState(false);
  const [isBusy, setBusy] = useState(false);
  if (!one) return null;
  const isTaken = all.some((other) => other.id !== id && other.name === name.trim());
  const doing = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast((error as Error).message, "error");
    }
    setBusy(false);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (isTaken) return;
    void doing(async () => {
      const kept = await changeFilter(one, { name: name.trim(), groups, look });
      if (place.peek().saved === id) go({ saved: kept.id }, { replace: true });
      closeDialog();
      toast(t("saved.kept", { name: kept.name }), "good");
      focusSoon(`[data-saved="${CSS.escape(kept.id)}"]`);
    });
  };
  const remove = () =>
    doing(async () => {
      if (place.peek().saved === id) goTo("mine");
      closeDialog();
      await forgetFilter(id);
      toast(t("saved.deleted", { name: one.name }), "good");
      focusSoon('.sidebar a[aria-current="page"]');
    });
  const move = (by: -1 | 1) => doing(() => moveFilter(id, by));
  return (
    <Dialog title={t("saved.change_of", { name: one.name })} close={closeDialog}>
      <form class="save-filter" onSubmit={submit}>
        <label>
          {t("saved.name")}
          <input
            type="text"
            dir="auto"
            required
            pattern=".*\S.*"
            maxLength={100}
            value={name}
            aria-invalid={isTaken || undefined}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        {isTaken && (
          <p class="filter-trouble" role="alert">
            {t("saved.taken")}
          </p>
        )}
        <LookFields look={look} change={setLook} />
        <Sharing groups={groups} change={setGroups} />
        <p class="actions">
          {/* Not disabled: the focus would be lost at the end of the way. */}
          <button type="button" aria-disabled={isBusy || at === 0} onClick={() => isBusy || move(-1)}>
            {t("saved.up")}
          </button>
          <button type="button" aria-disabled={isBusy || at === all.length - 1} onClick={() => isBusy || move(1)}>
            {t("saved.down")}
          </button>
          <span class="quiet" aria-live="polite">
            {t("saved.place", { n: at + 1, all: all.length })}
          </span>
        </p>
        <p class="actions">
          <button type="submit" class="primary">
            {t("save")}
          </button>
          <button type="button" onClick={closeDialog}>
            {t("cancel")}
          </button>
          <button type="button" class="danger" onClick={() => (isSure ? void remove() : setSure(true))}>
            {t(isSure ? "saved.delete_sure" : "saved.delete")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

// What opened the dialog may be gone with it.
const focusSoon = (selector: string) =>
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());
