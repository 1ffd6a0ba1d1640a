// Whether the server is away: said quietly, in the bar; what is typed and sent meanwhile is kept.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Problem } from "../api/calls.ts";
import { waits } from "../state/commands.ts";
import { askAgain, list } from "../state/lists.ts";
import { t } from "../words/words.ts";
import "./connection.css";

const PAUSE = 5000;

// The browser knows at once; a held request only when it ends.
const online = signal(navigator.onLine);
for (const name of ["online", "offline"])
  addEventListener(name, () => {
    online.value = navigator.onLine;
  });

export function Connection() {
  const unread = list.refused.value !== null && !(list.refused.value instanceof Problem);
  // A list that was begun without a server is asked for until there is one.
  useEffect(() => {
    if (!unread) return;
    const timer = setTimeout(askAgain, PAUSE);
    addEventListener("online", askAgain);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", askAgain);
    };
  }, [unread]);
  const away = !online.value || list.offline.value || unread;
  const text = waits.value > 0 ? t("offline.waits") : away ? t("offline.away") : "";
  return (
    <p class="connection" role="status" title={text}>
      {text}
    </p>
  );
}
