// How a form in a dialog ends: it does what it says, or nothing.
import type { ComponentChildren } from "preact";
import { closeDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";

export function SubmitOrCancel({ label, children }: { label: string; children?: ComponentChildren }) {
  return (
    <p class="actions">
      <button type="submit" class="primary">
        {label}
      </button>
      <button type="button" onClick={closeDialog}>
        {t("cancel")}
      </button>
      {children}
    </p>
  );
}
