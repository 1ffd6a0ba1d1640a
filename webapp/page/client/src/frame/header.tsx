// The bar above everything: the name, what one can do anywhere, who one is.
import { openStart } from "../start/start.tsx";
import { isPaletteOpen } from "../state/palette.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { openSettings } from "./settings.tsx";
import "./header.css";

export function Header() {
  return (
    <header class="bar">
      <a class="brand" href="/">
        <img src="/static/mark.svg" alt="" width="24" height="24" /> Taskpool
      </a>
      <button type="button" class="palette-open" onClick={() => (isPaletteOpen.value = true)}>
        <span>{t("app.palette")}</span> <kbd>Ctrl K</kbd>
      </button>
      <button type="button" class="primary" onClick={openStart}>
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
        <form method="post" action="/sign-out">
          <input type="hidden" name="csrf_token" value={csrf()} />
          <button type="submit" class="plain">
            {t("app.sign_out")}
          </button>
        </form>
      </div>
    </header>
  );
}

const csrf = () => document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content;
