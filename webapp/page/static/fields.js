// A form made from a task's or process's fields, or from plain variables.
import { element } from "./element.js";

let counter = 0;
const FEW = 5;

// The fields of a task without a form: one per simple variable of its payload.
export function fieldsOf(task) {
  if (task.formFields?.length) return task.formFields;
  return Object.entries(task.payload ?? {}).flatMap(([id, value]) => {
    const type = { string: "string", number: Number.isInteger(value) ? "long" : "double", boolean: "boolean" }[typeof value];
    return type ? [{ id, label: id, type, default: value, values: [] }] : [];
  });
}

export function buildField(field, value) {
  const id = `field-${(counter += 1)}`;
  const initial = value ?? field.default ?? "";
  const title = [field.label || field.id, field.required ? element("span", { class: "required" }, " required") : ""];
  const error = element("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const controls = control(field, id, initial);
  // A control shows the day only; what cannot be changed goes back as it came.
  const fixed = field.constraints?.readonly && field.type === "date" ? String(initial) : undefined;
  const facts = { "data-field": field.id, "data-type": field.type, "data-fixed": fixed };
  const wrapped = Array.isArray(controls)
    ? element("fieldset", { class: "field choices", ...facts }, element("legend", {}, ...title), ...controls, error)
    : element("div", { class: "field", ...facts }, element("label", { for: id }, ...title), controls, error);
  return wrapped;
}

function control(field, id, initial) {
  const { readonly, min, max, minlength, maxlength } = field.constraints ?? {};
  const common = { id, name: field.id, required: field.required || undefined, readonly, "aria-describedby": `${id}-error` };
  switch (field.type) {
    case "boolean":
      return radios(field, id, String(initial), [{ id: "true", name: "Yes" }, { id: "false", name: "No" }]);
    case "enum":
      if ((field.values ?? []).length <= FEW) return radios(field, id, String(initial), field.values ?? []);
      return element("select", { ...common, disabled: readonly }, element("option", { value: "" }, "Choose…"),
        ...field.values.map((one) => element("option", { value: one.id, selected: one.id === initial || undefined }, one.name)));
    case "list":
      return element("select", { ...common, multiple: true, disabled: readonly },
        ...(field.values ?? []).map((one) => element("option", { value: one.id, selected: [initial].flat().includes(one.id) || undefined }, one.name)));
    case "long": case "integer": case "double":
      return element("input", { ...common, type: "number", step: field.type === "double" ? "any" : "1", min, max, value: String(initial) });
    case "date":
      return element("input", { ...common, type: "date", value: String(initial).slice(0, 10) });
    default:
      if (String(initial).length > 80) return element("textarea", { ...common, rows: "4", minlength, maxlength }, String(initial));
      return element("input", { ...common, type: "text", minlength, maxlength, value: String(initial) });
  }
}

function radios(field, id, initial, values) {
  return values.map((one, index) => element("label", { class: "choice" },
    element("input", { type: "radio", name: field.id, id: `${id}-${index}`, value: one.id, checked: one.id === initial, required: field.required || undefined, disabled: field.constraints?.readonly }),
    element("span", {}, one.name)));
}

export function valuesOf(form) {
  const variables = {};
  for (const holder of form.querySelectorAll("[data-field]")) {
    const value = valueOf(holder);
    if (value !== undefined) variables[holder.dataset.field] = value;
  }
  return variables;
}

function valueOf(holder) {
  if (holder.dataset.type === "list") return [...holder.querySelector("select").selectedOptions].map((one) => one.value);
  const chosen = holder.querySelector("input[type=radio]:checked");
  const raw = holder.dataset.fixed ? holder.dataset.fixed : chosen ? chosen.value : holder.querySelector("input:not([type=radio]), select, textarea")?.value;
  if (raw === undefined || raw === "") return undefined;
  if (holder.dataset.type === "boolean") return raw === "true";
  return ["long", "integer", "double"].includes(holder.dataset.type) ? Number(raw) : raw;
}

export function showErrors(form, errors = []) {
  for (const holder of form.querySelectorAll("[data-field]")) {
    const found = errors.find((one) => one.field === holder.dataset.field);
    const shown = holder.querySelector(".field-error");
    shown.hidden = !found;
    shown.textContent = found ? `This ${found.message}.` : "";
    for (const input of holder.querySelectorAll("input, select, textarea")) input.toggleAttribute("aria-invalid", Boolean(found));
  }
  form.querySelector("[aria-invalid]")?.focus();
}
