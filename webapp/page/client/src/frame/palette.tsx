// One field to find and do everything: tasks, lists, processes, actions.
import { isPaletteOpen } from "../state/palette.ts";

export function Palette() {
  return isPaletteOpen.value ? null : null;
}
