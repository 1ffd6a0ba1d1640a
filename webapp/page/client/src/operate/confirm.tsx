// Asks before something that cannot be taken back, says what it does, and shows why it was refused.
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { newKey, Problem } from "../api/calls.ts";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";
import { reasonOf } from "./outcomes.tsx";

interface Asked {
  title: string;
  /** What it does, a sentence each. */
  says: string[];
  /** What the button says. */
  act: string;
  dangerous?: boolean;
  /** Whether one may say why. */
  reason?: boolean;
  /** What one must tick first. */
  understood?: string;
  children?: ComponentChildren;
  /** Does it, under a key that says of a repeat that it is one; the dialog closes when it was done. */
  work: (reason: string | null, key: string) => Promise<unknown>;
}

export const confirm = (asked: Asked): void => openDialog(() => <Confirm {...asked} />);

export function Confirm({ title, says, act, dangerous, reason, understood, children, work }: Asked) {
  const id = useId();
  const [why, setWhy] = useState("");
  const [ticked, tick] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const key = useRef(newKey());
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    if (understood && !ticked) {
      setRefused(t("ops.confirm.tick"));
      return;
    }
    setBusy(true);
    setRefused(null);
    try {
      await work(why.trim() || null, key.current);
      closeDialog();
    } catch (error) {
      // Where nobody has answered, another try is the same attempt.
      if (error instanceof Problem) key.current = newKey();
      setRefused(reasonOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={closeDialog} kind="ops-dialog">
      {says.map((sentence) => (
        <p key={sentence} dir="auto">
          {sentence}
        </p>
      ))}
      <form class="ops-form" onSubmit={submit}>
        {children}
        {reason && (
          <div class="stacked">
            <label for={id}>{t("ops.confirm.reason")}</label>
            <textarea
              id={id}
              aria-describedby={`${id}-hint`}
              rows={2}
              maxLength={2000}
              dir="auto"
              value={why}
              onInput={(event) => setWhy(event.currentTarget.value)}
            />
            <span id={`${id}-hint`} class="quiet">
              {t("ops.confirm.reason_hint")}
            </span>
          </div>
        )}
        {understood && (
          <label class="ticked">
            <input type="checkbox" checked={ticked} onChange={(event) => tick(event.currentTarget.checked)} />
            <span>{understood}</span>
          </label>
        )}
        {refused && (
          <p class="refused" role="alert" dir="auto">
            {refused}
          </p>
        )}
        <p class="actions">
          <button type="submit" class={dangerous ? "danger" : "primary"} aria-disabled={busy}>
            {busy ? t("ops.doing") : act}
          </button>
          {/* Enter, pressed too soon, must not do what cannot be taken back. */}
          <button type="button" autofocus={dangerous && !reason && !understood} onClick={closeDialog}>
            {t("ops.confirm.leave")}
          </button>
        </p>
      </form>
    </Dialog>
  );
}
