// Whether the server is away: said quietly, in the bar; what is typed and sent meanwhile is kept.
import { waits } from "../state/commands.ts";
import { list } from "../state/lists.ts";
import { t } from "../words/words.ts";
import "./connection.css";

export function Connection() {
  const sends = waits.value > 0;
  const text = sends ? t("offline.waits") : list.offline.value ? t("offline.away") : "";
  return (
    <p class="connection" role="status" title={text}>
      {text}
    </p>
  );
}
