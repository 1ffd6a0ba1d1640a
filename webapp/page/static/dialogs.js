// Starting a process, and choosing until when to defer.
import { Problem, call, command } from "./api.js";
import { byId, element, toast } from "./element.js";
import { buildField, showErrors, valuesOf } from "./fields.js";

const DAY = 86400000;

export async function openStart() {
  const { body } = await call("/process-definitions");
  const dialog = byId("start");
  if (body.items.length) choose(dialog, body.items);
  else dialog.replaceChildren(element("h2", { id: "start-title" }, "Start a process"), element("p", {}, "There is no process you can start."), closing());
  dialog.showModal();
}

function choose(dialog, definitions) {
  const choices = definitions.map((one) => element("li", {}, element("button", { type: "button", onclick: () => fill(dialog, one, definitions) },
    element("b", {}, one.name ?? one.key), element("span", { class: "quiet" }, one.description ?? one.application))));
  dialog.replaceChildren(element("h2", { id: "start-title" }, "Start a process"), element("ul", { class: "choices-list" }, ...choices), closing());
}

function fill(dialog, definition, definitions) {
  const key = element("div", { class: "field" }, element("label", { for: "business-key" }, "Reference"), element("input", { id: "business-key", autocomplete: "off" }),
    element("p", { class: "quiet" }, "Optional; people find the tasks by it."));
  const form = element("form", { novalidate: true }, ...(definition.formFields ?? []).map((field) => buildField(field)), key,
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Start"), element("button", { type: "button", onclick: () => choose(dialog, definitions) }, "Back")));
  form.addEventListener("submit", (event) => start(event, dialog, definition, form));
  dialog.replaceChildren(element("h2", { id: "start-title" }, definition.name ?? definition.key), definition.description && element("p", { class: "quiet" }, definition.description), form);
  form.querySelector("input, select, textarea")?.focus();
}

async function start(event, dialog, definition, form) {
  event.preventDefault();
  const button = form.querySelector(".primary");
  button.disabled = true;
  const path = `/process-definitions/${encodeURIComponent(definition.application)}/${encodeURIComponent(definition.key)}/start`;
  try {
    await command(path, { variables: valuesOf(form), businessKey: form.querySelector("#business-key").value || null });
    dialog.close();
    toast(`${definition.name ?? definition.key} has been started.`, "good");
  } catch (error) {
    if (error instanceof Problem && error.document.errors) showErrors(form, error.document.errors);
    else toast(error instanceof Problem ? error.message : "The server could not be reached.", "error");
  } finally {
    button.disabled = false;
  }
}

export function openDefer(chosen) {
  const dialog = byId("defer");
  const input = element("input", { type: "datetime-local", id: "defer-until", required: true, value: local(inDays(1)) });
  const preset = (text, days) => element("button", { type: "button", onclick: () => { input.value = local(inDays(days)); } }, text);
  const form = element("form", {}, element("p", { class: "actions" }, preset("Tomorrow", 1), preset("In three days", 3), preset("Next week", 7)),
    element("div", { class: "field" }, element("label", { for: "defer-until" }, "Hide it until"), input),
    element("p", { class: "actions" }, element("button", { class: "primary" }, "Defer"), element("button", { type: "button", onclick: () => dialog.close() }, "Cancel")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    chosen(new Date(input.value).toISOString());
  });
  dialog.replaceChildren(element("h2", { id: "defer-title" }, "Defer the task"), form);
  dialog.showModal();
}

const closing = () => element("form", { method: "dialog" }, element("button", {}, "Close"));

function inDays(days) {
  const day = new Date(Date.now() + days * DAY);
  day.setHours(8, 0, 0, 0);
  return day;
}

const local = (date) => new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
