// Exports what the list asks for, and shows how far it is.
import { useEffect, useRef, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { question } from "../state/lists.ts";
import { pageTitle } from "../state/title.ts";
import { toast } from "../state/toasts.ts";
import { today } from "../words/moments.ts";
import { t } from "../words/words.ts";
import { isoDay } from "./days.ts";
import { download, exported, MOST_ROWS } from "./export.ts";

export const openExport = () => openDialog(() => <Export />);

function Export() {
  const [progress, setProgress] = useState<[number, number] | null>(null);
  const [bad, setBad] = useState("");
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const start = async () => {
    const wanted = question.peek();
    if (!wanted || stop.current) return;
    stop.current = new AbortController();
    setBad("");
    setProgress([0, 1]);
    const { signal } = stop.current;
    try {
      const found = await exported(wanted, signal, (done, all) => setProgress([done, all]));
      if (signal.aborted) return;
      download(`${pageTitle.peek().replace(/[^\p{L}\p{N}]+/gu, "-")}-${isoDay(today.peek())}.csv`, found.text);
      closeDialog();
      toast(t("export.done", { n: found.rows }), "good");
      if (found.isCut) toast(t("export.cut", { n: MOST_ROWS }));
    } catch (error) {
      if (signal.aborted) return;
      setProgress(null);
      setBad((error as Error).message || t("failed"));
    } finally {
      stop.current = null;
    }
  };
  return (
    <Dialog title={t("export.title")} close={closeDialog}>
      <p>{t("export.explain", { n: MOST_ROWS })}</p>
      {progress && (
        <p class="actions">
          <progress aria-label={t("export.title")} value={progress[0]} max={Math.max(progress[1], 1)} />
          <span class="quiet">{t("export.progress", { done: progress[0], n: progress[1] })}</span>
        </p>
      )}
      {bad && (
        <p class="filter-trouble" role="alert">
          {bad}
        </p>
      )}
      <p class="actions">
        <button type="button" class="primary" aria-disabled={progress !== null} onClick={start}>
          {t("export.start")}
        </button>
        <button type="button" onClick={closeDialog}>
          {t("cancel")}
        </button>
      </p>
    </Dialog>
  );
}
