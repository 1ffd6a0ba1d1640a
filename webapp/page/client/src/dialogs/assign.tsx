// Whom to give tasks to.
import { useState } from "preact/hooks";
import type { Task } from "../api/shapes.ts";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";

/** Asks, and tells the name; null: nobody. */
export const openAssign = (tasks: Task[], chosen: (assignee: string | null) => void): void =>
  openDialog(() => <Assign n={tasks.length} chosen={chosen} />);

function Assign({ n, chosen }: { n: number; chosen: (assignee: string | null) => void }) {
  const [name, setName] = useState("");
  const submit = (event: Event) => {
    event.preventDefault();
    closeDialog();
    chosen(name.trim() || null);
  };
  return (
    <Dialog title={t("bulk.assign_title", { n })} close={closeDialog}>
      <form onSubmit={submit}>
        <div class="field">
          <label for="assign-to">{t("bulk.assign_to")}</label>
          <input id="assign-to" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </div>
        <p class="actions">
          <button type="submit" class="primary">
            {t("bulk.assign_now")}
          </button>
          <button type="button" onClick={closeDialog}>
            {t("cancel")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
