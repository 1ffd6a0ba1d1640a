// Opens the dialog in which a process is chosen and started, from a button, the palette or a link.
import { openDialog } from "../state/dialogs.ts";
import { place, writePlace } from "../state/place.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import { Choose } from "./choose.tsx";
import { type Definition, definitions, refOf } from "./definitions.ts";
import { Fill } from "./fill.tsx";
import "./start.css";

export function openStart(): void {
  openDialog(() => <Choose start={openStartOf} />);
}

/** The form of one of them at once. */
export function openStartOf(definition: Definition): void {
  openDialog(() => <Fill key={refOf(definition)} definition={definition} back={openStart} />);
}

/** `?start=application/key` opens its form; the address then says what stays. */
export async function followStartLink(): Promise<void> {
  const wanted = new URLSearchParams(location.search).get("start");
  if (wanted === null) return;
  history.replaceState(null, "", writePlace(place.peek()));
  const found = (await definitions().catch(() => [])).find((one) => refOf(one) === wanted);
  if (found) openStartOf(found);
  else toast(t("start.not_there"), "error");
}
