// A button that copies something, and says so itself.
import { useEffect, useState } from "preact/hooks";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";

const SHOWN = 1600;

interface Given {
  text: () => string;
  label: string;
  /** What it shows; an icon where nothing is said. */
  show?: string;
}

export function CopyButton({ text, label, show }: Given) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), SHOWN);
    return () => clearTimeout(timer);
  }, [done]);
  const run = async () => {
    if (await copy(text())) setDone(true);
    else toast(t("copy.failed"), "error");
  };
  return (
    <button type="button" class={show ? "plain" : "copy"} title={done ? t("copy.done") : label} onClick={run}>
      {show ? done ? t("copy.done") : show : <Icon done={done} />}
    </button>
  );
}

function Icon({ done }: { done: boolean }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={done ? "M3 8.5 6.5 12 13 4.5" : "M6 6h7v7H6zM10 6V3H3v7h3"} />
    </svg>
  );
}

// Where a page is not served safely, browsers have no clipboard but what is selected.
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const before = document.activeElement as HTMLElement | null;
    const area = document.createElement("textarea");
    area.value = text;
    (before?.closest("dialog") ?? document.body).append(area);
    area.select();
    const worked = document.execCommand("copy");
    area.remove();
    before?.focus();
    return worked;
  }
}
