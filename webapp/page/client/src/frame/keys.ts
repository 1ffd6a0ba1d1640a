// Keys that do the same everywhere: help, palette, settings, and going to a list.
import { type Deed, register } from "../state/keys.ts";
import { isPaletteOpen } from "../state/palette.ts";
import { goTo, type Tab } from "../state/place.ts";
import { session } from "../state/session.ts";
import { canUndo, undo } from "../state/toasts.ts";
import type { Word } from "../words/words.ts";
import { openHelp } from "./help.tsx";
import { openSettings } from "./settings.tsx";
import { signOut } from "./sign_out.ts";

/** By list, the second key after `g`. */
const TO: [Tab, string][] = [
  ["mine", "m"],
  ["group", "g"],
  ["unassigned", "u"],
  ["deferred", "d"],
  ["completed", "c"],
  ["visible", "a"],
  ["workpieces", "w"],
  ["running", "p"],
  ["requests", "r"],
  ["operate", "o"],
];

export const lists = (): [Tab, string][] => TO.filter(([tab]) => tab !== "operate" || session.isOperator);

export function registerPageKeys(): void {
  register(
    { id: "help", label: "keys.help", group: "page", keys: ["?"], run: openHelp },
    {
      id: "palette",
      label: "app.palette",
      group: "page",
      keys: ["Ctrl+k"],
      run: () => {
        isPaletteOpen.value = true;
      },
    },
    { id: "undo", label: "undo", group: "page", keys: ["z"], run: undo, enabled: canUndo },
    { id: "settings", label: "app.settings", group: "page", keys: [","], run: openSettings },
    { id: "sign_out", label: "app.sign_out", group: "page", run: signOut },
    ...lists().map(
      ([tab, key]): Deed => ({
        id: `go ${tab}`,
        label: `tab.${tab}` as Word,
        group: "go",
        keys: [`g ${key}`],
        run: () => visit(tab),
      }),
    ),
  );
}

// The keyboard goes on in the new list where what had the focus has gone with the old one.
function visit(tab: Tab): void {
  goTo(tab);
  setTimeout(() => {
    if (document.activeElement === document.body) document.getElementById("list")?.focus();
  });
}
