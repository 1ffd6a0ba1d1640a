// Keys that do the same everywhere.
import { register } from "../state/keys.ts";
import { isPaletteOpen } from "../state/palette.ts";
import { openHelp } from "./help.tsx";

export function registerPageKeys(): void {
  register(
    { id: "help", label: "keys.help", group: "page", keys: ["?"], run: openHelp },
    {
      id: "palette",
      label: "app.palette",
      group: "page",
      keys: ["Ctrl+k"],
      run: () => {
        isPaletteOpen.value = !isPaletteOpen.value;
      },
    },
  );
}
