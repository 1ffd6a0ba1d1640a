// What a field is filled in with, by its type.
import { useRef } from "preact/hooks";
import type { FormField, Json } from "../api/shapes.ts";
import { t } from "../words/words.ts";
import { initial, isNumber } from "./form_values.ts";

const FEW = 5;
const SEVERAL = 12;
const LONG = 80;

interface Given {
  id: string;
  field: FormField;
  value: Json | undefined;
  error?: string;
  describedBy?: string;
  change: (value: Json) => void;
}

interface Choice {
  id: string;
  name: string;
}

/** What one chooses one of, where all of it can be shown. */
export function choicesOf(field: FormField): Choice[] | null {
  if (field.type === "boolean")
    return [
      { id: "true", name: t("field.yes") },
      { id: "false", name: t("field.no") },
    ];
  return field.type === "enum" && (field.values ?? []).length <= FEW ? (field.values ?? []) : null;
}

/** What one chooses some of. */
export function severalOf(field: FormField): Choice[] | null {
  const values = field.values ?? [];
  return field.type === "list" && values.length && values.length <= SEVERAL ? values : null;
}

export function Choices({ id, field, value, error, change }: Given) {
  return (
    <>
      {choicesOf(field)!.map((one) => (
        <label key={one.id} class="choice">
          <input
            type="radio"
            name={`${id} ${field.id}`}
            value={one.id}
            checked={String(value) === one.id}
            required={field.required}
            aria-invalid={Boolean(error)}
            onChange={() => change(one.id)}
          />
          <span dir="auto">{one.name}</span>
        </label>
      ))}
    </>
  );
}

export function Several({ field, value, error, change }: Given) {
  const chosen = [value ?? []].flat().filter((one) => one !== "");
  const toggle = (one: string) => {
    const left = chosen.filter((other) => other !== one);
    change(left.length < chosen.length ? left : [...chosen, one]);
  };
  return (
    <>
      {severalOf(field)!.map((one) => (
        <label key={one.id} class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(one.id)}
            aria-invalid={Boolean(error)}
            onChange={() => toggle(one.id)}
          />
          <span dir="auto">{one.name}</span>
        </label>
      ))}
    </>
  );
}

export function Control({ id, field, value, error, describedBy, change }: Given) {
  const readonly = field.constraints?.readonly;
  const common = {
    id,
    name: field.id,
    required: field.required,
    "aria-invalid": Boolean(error),
    "aria-describedby": describedBy,
  };
  const text = value === null || value === undefined ? "" : String(value);
  // A control that becomes another while one types would lose the focus.
  const long = useRef(text.length > LONG || String(initial(field)).length > LONG);
  long.current ||= text.includes("\n") || (field.constraints?.maxlength ?? 0) > 2 * LONG;
  const write = {
    ...common,
    readOnly: readonly,
    onInput: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value),
  };
  if (field.type === "enum") {
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
  }
  if (field.type === "list" && field.values?.length) {
    const chosen = [value].flat();
    const changed = (select: HTMLSelectElement) => change([...select.selectedOptions].map((one) => one.value));
    return (
      <select {...common} multiple disabled={readonly} onChange={(event) => changed(event.currentTarget)}>
        {field.values.map((one) => (
          <option key={one.id} value={one.id} selected={chosen.includes(one.id)}>
            {one.name}
          </option>
        ))}
      </select>
    );
  }
  if (field.type === "list")
    return <textarea {...write} rows={4} dir="auto" value={Array.isArray(value) ? value.join("\n") : text} />;
  // A wheel over a number would change it unseen.
  if (isNumber(field))
    return <input {...write} type="number" step="any" value={text} onWheel={(event) => event.currentTarget.blur()} />;
  // The control shows the day only; what is not touched goes back as it came.
  if (field.type === "date") return <input {...write} type="date" value={text.slice(0, 10)} />;
  return long.current ? (
    <textarea {...write} value={text} rows={4} dir="auto" />
  ) : (
    <input {...write} value={text} type="text" dir="auto" />
  );
}
