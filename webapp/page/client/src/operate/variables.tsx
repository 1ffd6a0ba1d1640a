// Changing the variables of an instance by hand, and with them what has failed may go on.
import { useEffect, useId, useState } from "preact/hooks";
import { call, command } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { Json, Values } from "../api/shapes.ts";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";
import { Confirm } from "./confirm.tsx";
import { differences, isEmpty, readVariables } from "./differences.ts";
import { reasonOf } from "./outcomes.tsx";

interface Given {
  instance: string;
  title: string;
  act: string;
  says: string[];
  /** Whether it is of use though nothing is changed. */
  unchanged?: boolean;
  done: () => unknown;
}

export const openVariables = (given: Given): void => openDialog(() => <Variables {...given} />);

function Variables({ instance, title, act, says, unchanged, done }: Given) {
  const id = useId();
  const [before, setBefore] = useState<Values | null>(null);
  const [text, setText] = useState("");
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    call<{ items: { name: string; value: Json }[] }>(ofInstance(instance, "variables")).then(
      ({ body }) => {
        const found = Object.fromEntries(body.items.map((one) => [one.name, one.value]));
        setBefore(found);
        setText(JSON.stringify(found, null, 2));
      },
      (error) => setFailed(reasonOf(error)),
    );
  }, [instance]);
  const work = async (reason: string | null, key: string) => {
    if (!before) throw new Error(failed ?? t("work.loading"));
    const changed = differences(before, understood(text));
    if (isEmpty(changed) && !unchanged) throw new Error(t("ops.variables.same"));
    if (!isEmpty(changed))
      await command(ofInstance(instance, "variables"), { ...changed, reason }, key, { method: "PATCH" });
    closeDialog();
    done();
  };
  return (
    <Confirm title={title} says={says} act={act} reason work={work}>
      <div class="stacked">
        <label for={id}>{t("ops.variables.json")}</label>
        <textarea
          id={id}
          class="code"
          rows={8}
          spellcheck={false}
          // What is typed before they are read would be lost.
          readOnly={!before}
          aria-busy={!before && !failed}
          value={text}
          aria-describedby={`${id}-hint`}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <span id={`${id}-hint`} class="quiet">
          {failed ?? (before && !Object.keys(before).length ? t("ops.variables.none") : t("ops.variables.hint"))}
        </span>
      </div>
    </Confirm>
  );
}

function understood(text: string): Values {
  try {
    return readVariables(text);
  } catch (error) {
    throw new Error(
      error instanceof TypeError
        ? t("ops.variables.object")
        : t("ops.variables.bad", { reason: (error as Error).message }),
    );
  }
}
