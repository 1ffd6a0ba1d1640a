// Puts the page together.
import { effect } from "@preact/signals";
import { render } from "preact";
import { Frame } from "./frame/frame.tsx";
import { registerPageKeys } from "./frame/keys.ts";
import { tellLocale } from "./frame/mail_locale.ts";
import { registerShell } from "./frame/shell.ts";
import { followSwipes } from "./frame/swipe.ts";
import { followStartLink } from "./start/start.tsx";
import { followClock } from "./state/clock.ts";
import { followCounts } from "./state/counts.ts";
import { listenToKeys } from "./state/keys.ts";
import { followList } from "./state/lists.ts";
import { followNotifications } from "./state/notify.ts";
import { followAddress } from "./state/place.ts";
import { theme } from "./state/preferences.ts";
import { followTitle } from "./state/title.ts";
import { followOpened } from "./task/opened.ts";
import { spoken } from "./words/words.ts";
import "./parts/tokens.css";
import "./parts/page.css";

effect(() => {
  const root = document.documentElement;
  root.lang = spoken.value === "pseudo" ? "en" : spoken.value;
  if (theme.value === "system") delete root.dataset.theme;
  else root.dataset.theme = theme.value;
});
followAddress();
followClock();
followList();
followOpened();
followCounts();
followTitle();
registerPageKeys();
listenToKeys();
followSwipes();
followNotifications();
void tellLocale();
const app = document.getElementById("app")!;
// What stands there until the page does.
app.textContent = "";
render(<Frame />, app);
void followStartLink();
registerShell();
