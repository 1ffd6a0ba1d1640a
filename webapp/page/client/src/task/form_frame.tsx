// What is around the fields of a task's form, whoever draws them.
import type { ComponentChildren } from "preact";
import type { FormField, Task } from "../api/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { t } from "../words/words.ts";
import { type Errors, labelOf } from "./fields.tsx";
import type { Filling } from "./filling.ts";
import { askedBy } from "./rights.ts";
import "./form.css";

type Labelled = Pick<FormField, "id" | "label">[];

interface Given {
  task: Task;
  mine: boolean;
  filling: Filling;
  isBusy: boolean;
  changed: string;
  /** By field, what is to be looked at again. */
  errors: Errors;
  labelled: Labelled;
  go: (id: string) => void;
  /** Where no form is around it. */
  complete?: () => void;
  children: ComponentChildren;
}

export function FormFrame({ task, mine, filling, isBusy, changed, errors, labelled, go, complete, children }: Given) {
  const { restored, saved, startOver } = filling;
  return (
    <fieldset disabled={!mine && !complete}>
      <legend>{t("task.complete")}</legend>
      {!mine && <p class="quiet">{whyNot(task)}</p>}
      {restored && (
        <p class="restored">
          <Moment
            iso={restored.time}
            say={(when) => t(restored.elsewhere ? "draft.elsewhere" : "draft.back", { when })}
          />{" "}
          <button type="button" class="more" onClick={startOver}>
            {t("draft.start_over")}
          </button>
        </p>
      )}
      <Summary errors={errors} fields={labelled} go={go} />
      {children}
      {changed && (
        <p class="form-errors" role="alert" dir="auto">
          {changed}
        </p>
      )}
      <p class="actions">
        <button
          type={complete ? "button" : "submit"}
          class={isBusy ? "primary in-flight" : "primary"}
          disabled={!mine}
          aria-disabled={isBusy}
          // What is left is judged, and says so: the button would be elsewhere before the click is one.
          onMouseDown={(event) => complete && event.preventDefault()}
          onClick={complete}
        >
          {t("task.complete")}
        </button>
        {mine && saved !== "no" && <span class="quiet">{t(`draft.${saved}`)}</span>}
      </p>
    </fieldset>
  );
}

function whyNot(task: Task): string {
  const who = askedBy(task) ?? task.assignee;
  if (task.suspended) return t("task.suspended");
  return who ? t("task.only_them", { who }) : t("task.claim_first");
}

// Which fields are to be looked at again; what is wrong is said beside each. Seen where it is more than one, heard always.
function Summary({ errors, fields, go }: { errors: Errors; fields: Labelled; go: (id: string) => void }) {
  const named = (id: string) => fields.find((field) => field.id === id);
  const all = Object.entries(errors);
  const [first] = all;
  if (!first) return null;
  const isPlain = all.length === 1 && named(first[0]);
  return (
    <div class={isPlain ? "unseen" : "form-errors"} role="alert">
      <p>{t("form.errors", { n: all.length })}</p>
      <ul>
        {all.map(([id, message]) => {
          const field = named(id);
          return (
            <li key={id} dir="auto">
              {field ? (
                <button type="button" class="more" tabIndex={isPlain ? -1 : 0} onClick={() => go(id)}>
                  {labelOf(field)}
                </button>
              ) : (
                [id, message].filter(Boolean).join(": ")
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
