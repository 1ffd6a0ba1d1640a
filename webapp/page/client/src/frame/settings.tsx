// Opens what a reader chooses for this browser; it is fetched when it is wanted.
import { explain } from "../state/commands.ts";
import { openDialog } from "../state/dialogs.ts";
import { toast } from "../state/toasts.ts";
import "./settings.css";

export async function openSettings(): Promise<void> {
  try {
    const { Settings } = await import("./settings_dialog.tsx");
    openDialog(() => <Settings />);
  } catch (error) {
    toast(explain(error), "error");
  }
}
