// One field to find and do everything; what it is made of is fetched when it is wanted.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { explain } from "../state/commands.ts";
import { isPaletteOpen } from "../state/palette.ts";
import { toast } from "../state/toasts.ts";
import "./palette.css";

export function Palette() {
  const Field = useSignal<ComponentType | null>(null);
  const open = isPaletteOpen.value;
  useEffect(() => {
    if (!open || Field.value) return;
    import("./palette_field.tsx").then(
      (found) => {
        Field.value = found.PaletteField;
      },
      (error) => {
        isPaletteOpen.value = false;
        toast(explain(error), "error");
      },
    );
  }, [open]);
  return open && Field.value ? <Field.value /> : null;
}
