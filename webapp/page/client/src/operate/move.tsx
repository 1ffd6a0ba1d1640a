// Moving a token: ends what is at one element and begins before another, or behind it.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { call, command } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { Activity, Instance } from "../instances/shapes.ts";
import { openDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";
import { Confirm } from "./confirm.tsx";
import { reasonOf } from "./outcomes.tsx";

export const openMove = (instance: Instance, done: () => void): void =>
  openDialog(() => <Move instance={instance} done={done} />);

function Move({ instance, done }: { instance: Instance; done: () => void }) {
  const id = useId();
  const [places, setPlaces] = useState<Activity[] | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  // Who is quicker than the answer waits for it.
  const reading = useRef<Promise<string>>(undefined);
  useEffect(() => {
    reading.current = call<{ items: Activity[] }>(ofInstance(instance.id, "activities")).then(
      ({ body }) => {
        const first = body.items[0]?.element ?? "";
        setPlaces(body.items);
        setFrom(first);
        return first;
      },
      (error) => {
        setFailed(reasonOf(error));
        return "";
      },
    );
  }, [instance.id]);
  const work = async (reason: string | null, key: string) => {
    const begin = from || (await reading.current);
    if (!begin) throw new Error(failed ?? t("ops.move_nowhere"));
    await command(ofInstance(instance.id, "move"), { from: begin, to: to.trim() || null, reason }, key);
    done();
  };
  return (
    <Confirm
      title={t("ops.move_title")}
      says={[t("ops.move_says"), t("ops.move_then")]}
      act={t("ops.move")}
      reason
      work={work}
    >
      <div class="stacked">
        <label for={`${id}-from`}>{t("ops.move_from")}</label>
        <select id={`${id}-from`} value={from} onChange={(event) => setFrom(event.currentTarget.value)}>
          {[...new Map((places ?? []).map((one) => [one.element, one])).values()].map((one) => (
            <option key={one.element} value={one.element}>
              {one.name ? `${one.name} (${one.element})` : one.element}
            </option>
          ))}
        </select>
        {places?.length === 0 && <span class="quiet">{t("ops.move_nowhere")}</span>}
        {failed && <span class="quiet">{failed}</span>}
      </div>
      <div class="stacked">
        <label for={`${id}-to`}>{t("ops.move_to")}</label>
        <input
          id={`${id}-to`}
          autocomplete="off"
          spellcheck={false}
          value={to}
          aria-describedby={`${id}-hint`}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        <span id={`${id}-hint`} class="quiet">
          {t("ops.move_to_hint")}
        </span>
      </div>
    </Confirm>
  );
}
