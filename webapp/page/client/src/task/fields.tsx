// The questions of a form, of a task or of a process that is started.
import { useId } from "preact/hooks";
import type { FormField, Json, Task, Values } from "../api/shapes.ts";
import { t } from "../words/words.ts";

const FEW = 5;
const LONG = 80;

/** By field, what is wrong with it. */
export type Errors = { [field: string]: string };
/** As it was typed: texts, or the ids of a list. */
export type Typed = { [field: string]: Json };

/** The fields of a task; of one without a form one per simple variable of its payload. */
export function fieldsOf(task: Task): FormField[] {
  if (task.formFields?.length) return task.formFields;
  return Object.entries(task.payload ?? {}).flatMap(([id, value]) => {
    const type = simpleType(value);
    return type ? [{ id, label: id, type, default: value, values: [] }] : [];
  });
}

function simpleType(value: Json): string | null {
  if (typeof value === "number") return Number.isInteger(value) ? "long" : "double";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "string" : null;
}

/** What a field begins with. */
export const initial = (field: FormField, payload?: Values | null): Json => payload?.[field.id] ?? field.default ?? "";

/** What was typed, as values of their types; what is empty is left out. */
export function valuesOf(fields: FormField[], typed: Typed): Values {
  const found: Values = {};
  for (const field of fields) {
    const value = typedValue(field, typed[field.id]);
    if (value !== undefined) found[field.id] = value;
  }
  return found;
}

function typedValue(field: FormField, raw: Json | undefined): Json | undefined {
  if (field.type === "list") return Array.isArray(raw) ? raw : raw ? [raw] : [];
  if (raw === undefined || raw === null || raw === "") return undefined;
  if (field.type === "boolean") return raw === true || raw === "true";
  if (["long", "integer", "double"].includes(field.type)) return Number(raw);
  return raw;
}

interface Given {
  field: FormField;
  value: Json | undefined;
  error?: string;
  change: (value: Json) => void;
}

export function Field({ field, value, error, change }: Given) {
  const id = useId();
  const title = (
    <>
      {field.label || field.id}
      {field.required && <span class="required"> {t("required")}</span>}
    </>
  );
  const wrong = error && (
    <p class="field-error" id={`${id}-error`}>
      {t("field.error", { message: error })}
    </p>
  );
  const choices = choicesOf(field);
  if (choices) {
    return (
      <fieldset class="field choices" data-field={field.id} disabled={field.constraints?.readonly}>
        <legend dir="auto">{title}</legend>
        {choices.map((one) => (
          <label key={one.id} class="choice">
            <input
              type="radio"
              name={field.id}
              value={one.id}
              checked={String(value) === one.id}
              required={field.required}
              aria-invalid={Boolean(error)}
              onChange={() => change(one.id)}
            />
            <span dir="auto">{one.name}</span>
          </label>
        ))}
        {wrong}
      </fieldset>
    );
  }
  return (
    <div class="field" data-field={field.id}>
      <label for={id} dir="auto">
        {title}
      </label>
      <Control id={id} field={field} value={value} error={error} change={change} />
      {wrong}
    </div>
  );
}

function choicesOf(field: FormField): { id: string; name: string }[] | null {
  if (field.type === "boolean")
    return [
      { id: "true", name: t("field.yes") },
      { id: "false", name: t("field.no") },
    ];
  return field.type === "enum" && (field.values ?? []).length <= FEW ? (field.values ?? []) : null;
}

function Control({ id, field, value, error, change }: Given & { id: string }) {
  const { readonly, min, max, minlength, maxlength } = field.constraints ?? {};
  const common = {
    id,
    name: field.id,
    required: field.required,
    "aria-invalid": Boolean(error),
    "aria-describedby": error ? `${id}-error` : undefined,
  };
  const text = value === null || value === undefined ? "" : String(value);
  switch (field.type) {
    case "enum":
      return (
        <select {...common} disabled={readonly} value={text} onChange={(event) => change(event.currentTarget.value)}>
          <option value="">{t("field.choose")}</option>
          {field.values!.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      );
    case "list": {
      const chosen = [value].flat();
      const changed = (select: HTMLSelectElement) => change([...select.selectedOptions].map((one) => one.value));
      return (
        <select {...common} multiple disabled={readonly} onChange={(event) => changed(event.currentTarget)}>
          {(field.values ?? []).map((one) => (
            <option key={one.id} value={one.id} selected={chosen.includes(one.id)}>
              {one.name}
            </option>
          ))}
        </select>
      );
    }
    case "long":
    case "integer":
    case "double":
      return (
        <input
          {...common}
          type="number"
          readOnly={readonly}
          step={field.type === "double" ? "any" : "1"}
          min={min}
          max={max}
          value={text}
          onInput={(event) => change(event.currentTarget.value)}
        />
      );
    case "date":
      // The control shows the day only; what cannot be changed goes back as it came.
      return (
        <input
          {...common}
          type="date"
          readOnly={readonly}
          value={text.slice(0, 10)}
          onInput={(event) => change(event.currentTarget.value)}
        />
      );
    default: {
      const write = { readOnly: readonly, minLength: minlength, maxLength: maxlength, value: text };
      return String(initial(field)).length > LONG || text.length > LONG ? (
        <textarea {...common} {...write} rows={4} dir="auto" onInput={(event) => change(event.currentTarget.value)} />
      ) : (
        <input {...common} {...write} type="text" dir="auto" onInput={(event) => change(event.currentTarget.value)} />
      );
    }
  }
}
