// What a reader chooses for this browser: language, theme.
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";

export const openSettings = () => openDialog(() => <Settings />);

function Settings() {
  return (
    <Dialog title={t("app.settings")} close={closeDialog}>
      <p class="actions">
        <button type="button" class="primary" onClick={closeDialog}>
          {t("close")}
        </button>
      </p>
    </Dialog>
  );
}
