// The bar above everything: the name, what one can do anywhere, who one is.
import { openStart } from "../start/start.tsx";
import { isPaletteOpen } from "../state/palette.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { Connection } from "./connection.tsx";
import { Keys } from "./key_names.tsx";
import { SearchMark } from "./marks.tsx";
import { openSettings } from "./settings.tsx";
import { csrf } from "./sign_out.ts";
import "./header.css";

export function Header() {
  return (
    <header class="bar">
      <a class="brand" href="/">
        <img src="/static/mark.svg" alt="" width="24" height="24" /> <span>Taskpool</span>
      </a>
      <Connection />
      <button
        type="button"
        class="palette-open"
        aria-keyshortcuts="Control+K"
        onClick={() => (isPaletteOpen.value = true)}
      >
        <SearchMark />
        <span>{t("app.palette")}</span> <Keys name="Ctrl+k" />
      </button>
      <button type="button" class="primary start-open" onClick={() => openStart()}>
        {t("start.open")}
      </button>
      <div class="who">
        <button
          type="button"
          class="plain"
          title={session.groups.join(", ")}
          onClick={openSettings}
          aria-label={`${session.user}: ${t("app.settings")}`}
        >
          <span dir="auto">{session.user}</span>
        </button>
        <form method="post" action="/sign-out" class="sign-out">
          <input type="hidden" name="csrf_token" value={csrf()} />
          <button type="submit" class="plain">
            {t("app.sign_out")}
          </button>
        </form>
      </div>
    </header>
  );
}
