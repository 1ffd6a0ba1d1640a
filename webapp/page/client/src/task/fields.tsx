// The questions of a form, of a task or of a process that is started.
import { useId } from "preact/hooks";
import type { FormField, Json } from "../api/shapes.ts";
import { t } from "../words/words.ts";
import { Choices, Control, choicesOf, Several, severalOf } from "./controls.tsx";
import { Scalar } from "./scalar.tsx";

export { fieldsOf, initial, type Typed, valuesOf } from "./form_values.ts";

/** By field, what is wrong with it, as a sentence. */
export type Errors = { [field: string]: string };

/** What the data is now where it changed under what was typed. */
export interface Meanwhile {
  value: Json;
  use: () => void;
  keep: () => void;
}

export interface Given {
  field: FormField;
  value: Json | undefined;
  error?: string;
  meanwhile?: Meanwhile;
  change: (value: Json) => void;
  /** It was left. */
  left?: () => void;
}

export const labelOf = (field: Pick<FormField, "id" | "label">): string => field.label || field.id;

export function Field(asked: Given) {
  const { field, error, meanwhile, left } = asked;
  const id = useId();
  const hint = error ? "" : hintOf(field);
  const said = [hint && `${id}-hint`, error && `${id}-error`, meanwhile && `${id}-now`].filter(Boolean).join(" ");
  const given = { ...asked, id, describedBy: said || undefined };
  const leaves = (event: FocusEvent) => {
    if (!(event.currentTarget as Element).contains(event.relatedTarget as Node | null)) left?.();
  };
  const notes = (
    <>
      {hint && (
        <p class="quiet field-hint" id={`${id}-hint`} dir="auto">
          {hint}
        </p>
      )}
      {error && (
        <p class="field-error" id={`${id}-error`} dir="auto">
          {error}
        </p>
      )}
      {meanwhile && <Now id={`${id}-now`} meanwhile={meanwhile} field={field} />}
    </>
  );
  const title = (
    <>
      {labelOf(field)}
      {field.required && <span class="required"> {t("required")}</span>}
    </>
  );
  if (choicesOf(field) || severalOf(field)) {
    return (
      <fieldset
        class="field choices"
        data-field={field.id}
        disabled={field.constraints?.readonly}
        aria-describedby={given.describedBy}
        onFocusOut={leaves}
      >
        <legend dir="auto">{title}</legend>
        {choicesOf(field) ? <Choices {...given} /> : <Several {...given} />}
        {notes}
      </fieldset>
    );
  }
  return (
    <div class="field" data-field={field.id} onFocusOut={leaves}>
      <label for={id} dir="auto">
        {title}
      </label>
      <Control {...given} />
      {notes}
    </div>
  );
}

export function Now({ id, meanwhile, field }: { id: string; meanwhile: Meanwhile; field: FormField }) {
  const named = (field.values ?? []).find((one) => one.id === meanwhile.value)?.name;
  const value = field.type === "boolean" ? String(meanwhile.value) === "true" : (named ?? meanwhile.value);
  return (
    <p class="field-now" id={id}>
      <span>
        {t("field.now")} <b>{Array.isArray(value) ? value.join(", ") : <Scalar value={value} name={field.id} />}</b>
      </span>
      <button type="button" class="more" onClick={meanwhile.use}>
        {t("field.use_it")}
      </button>
      <button type="button" class="more" onClick={meanwhile.keep}>
        {t("field.keep_mine")}
      </button>
    </p>
  );
}

function hintOf(field: FormField): string {
  const { min, max, maxlength, minlength, readonly } = field.constraints ?? {};
  const own = (field as { description?: Json }).description;
  if (typeof own === "string" && own) return own;
  if (readonly) return "";
  if (min !== undefined && max !== undefined) return t("field.between", { min, max });
  if (min !== undefined) return t("field.least", { n: min });
  if (max !== undefined) return t("field.most", { n: max });
  if (minlength !== undefined) return t("field.shortest", { n: minlength });
  if (maxlength !== undefined) return t("field.longest", { n: maxlength });
  return field.type === "list" && !field.values?.length ? t("field.one_a_line") : "";
}
