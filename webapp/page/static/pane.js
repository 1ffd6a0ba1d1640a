// One task: what it is about, what one can do with it, what happened to it.
import { Problem, call, command } from "./api.js";
import { byId, element, toast } from "./element.js";
import { buildField, fieldsOf, showErrors, valuesOf } from "./fields.js";
import { due, holder, priority } from "./list.js";
import { exact, moment } from "./moments.js";

const EVENTS = { created: "Created", assigned: "Assigned", attributes_changed: "Changed", candidates_changed: "Offered to others", migrated: "Another version", completed: "Completed", deleted: "Removed", restated: "Told again", commented: "Commented", saved: "Saved", anonymised: "Anonymised" };
export const STATES = { PRELIMINARY: "not begun", IN_PROGRESS: "in progress", COMPLETED: "completed", CANCELLED: "cancelled" };
const DONE = { claim: "You have it now.", unclaim: "Given back.", complete: "Completed.", defer: "Deferred.", undefer: "It is back." };

let wanted = null;
let shown = null;
let form = null;
let busy = false;
let hooks = {};
// What a task is about stays open when the task changes.
const opened = new Set();

export function startPane(given) {
  hooks = given;
}

export const current = () => shown;

export async function open(id) {
  wanted = id;
  try {
    const { body } = await call(`/tasks/${encodeURIComponent(id)}`);
    if (wanted === id) show(body, true);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    hooks.closed();
    toast("That task is not there for you.", "error");
  }
}

export function close() {
  wanted = shown = form = null;
  document.body.classList.remove("with-task");
  byId("pane").replaceChildren(element("div", { class: "hint" }, element("p", {}, "Choose a task to see what it is about."),
    element("p", { class: "quiet" }, "Press ", element("kbd", {}, "?"), " for the keyboard.")));
}

export function refresh(task) {
  if (shown?.id !== task.id || task.revision < shown.revision) return;
  // A large payload comes with the task itself only.
  if (task.payloadOmitted) gone(task.id);
  else show(task, false);
}

export function gone(id) {
  if (shown?.id !== id) return;
  call(`/tasks/${encodeURIComponent(id)}`).then(({ body }) => wanted === id && show(body, false), (error) => {
    if (wanted === id && error instanceof Problem) hooks.closed();
  });
}

function show(task, fresh) {
  const key = (one) => one && [one.id, one.state, one.assignee].join();
  const keep = !fresh && form && key(task) === key(shown);
  const regained = !keep && shown?.id === task.id && byId("pane").contains(document.activeElement);
  const typed = !keep && form && shown?.id === task.id ? valuesOf(form) : {};
  // Changes come without what the task is about.
  task.dataEntries ??= shown?.id === task.id ? shown.dataEntries : null;
  task.warnings ??= shown?.id === task.id ? shown.warnings : null;
  shown = task;
  document.body.classList.add("with-task");
  if (!keep) form = buildForm(task, typed);
  const writing = shown && document.activeElement?.closest?.(".comment-form");
  byId("pane").replaceChildren(...[heading(task), actions(task), task.description && element("p", { class: "about" }, task.description), task.partlySearched && element("p", { class: "quiet" }, "Searching finds words of the first 200,000 characters of this task only."), form, payload(task), about(task), comments(task), details(task), history(task)].filter(Boolean));
  if (writing) byId("pane").querySelector(".comment-form textarea")?.focus();
  if (regained) (form?.querySelector("input:enabled, select:enabled, textarea:enabled") ?? byId("pane")).focus();
}

function heading(task) {
  const where = [task.processName ?? task.application, task.businessKey].filter(Boolean).join(" · ");
  return element("header", { class: "pane-head" },
    element("button", { class: "plain back", onclick: hooks.closed, "aria-label": "Back to the list" }, "← Back"),
    element("p", { class: "quiet" }, where), element("h2", {}, task.name ?? task.taskDefinitionKey ?? "Task"),
    element("p", { class: "facts" }, holder(task), due(task), priority(task.priority)));
}

function actions(task) {
  if (task.state !== "open") return null;
  const mine = task.assignee === hooks.user;
  const deferred = task.followUpDate && new Date(task.followUpDate) > new Date();
  const disabled = busy || Boolean(task.pending);
  const button = (text, act, kind = "") => element("button", { class: kind, disabled, onclick: act }, text);
  return element("p", { class: "actions" },
    !task.assignee && button("Claim", claim, "primary"), mine && button("Give back", unclaim),
    deferred ? button("Bring back now", undefer) : button("Defer…", defer),
    task.formUrl && element("a", { class: "button", href: task.formUrl, target: "_blank", rel: "noopener noreferrer" }, "Open its own form"));
}

function buildForm(task, typed) {
  const mine = task.assignee === hooks.user;
  if (task.state !== "open" || !(mine || task.formFields?.length)) return null;
  const fields = fieldsOf(task);
  const from = (field) => typed[field.id] ?? (task.formFields?.length ? task.payload?.[field.id] : undefined);
  const note = mine ? null : element("p", { class: "quiet" }, task.assignee ? `Only ${task.assignee} can complete this.` : "Claim the task to complete it.");
  return element("form", { class: "task-form", novalidate: true, onsubmit: complete }, element("fieldset", { disabled: !mine },
    element("legend", {}, "Complete"), note, ...fields.map((field) => buildField(field, from(field))),
    element("button", { class: "primary" }, "Complete")));
}

function payload(task) {
  const inForm = new Set(form && !task.formFields?.length ? fieldsOf(task).map((field) => field.id) : []);
  const entries = Object.entries(task.payload ?? {}).filter(([name]) => !inForm.has(name));
  if (!entries.length) return null;
  return element("section", {}, element("h3", {}, "Data"), values(entries));
}

export function values(entries) {
  const value = (one) => (typeof one === "object" && one !== null ? element("pre", {}, JSON.stringify(one, null, 2)) : String(one ?? "–"));
  return element("dl", { class: "data" }, ...entries.flatMap(([name, one]) => [element("dt", {}, name), element("dd", {}, value(one))]));
}

function about(task) {
  if (!task.dataEntries?.length) return null;
  return element("section", {}, element("h3", {}, "About"), ...task.dataEntries.map(dataEntry));
}

function dataEntry(one) {
  const log = element("ol", { class: "history" });
  const read = () => call(`/data-entries/${encodeURIComponent(one.id)}/history`).then(({ body }) => log.replaceChildren(...body.items.map(logged)), () => {});
  const facts = [one.type, one.state.state ?? STATES[one.state.processingType]].filter(Boolean).join(" · ");
  const toggled = () => {
    if (box.open) opened.add(one.id);
    else opened.delete(one.id);
    if (box.open && !log.children.length) read();
  };
  const box = element("details", { class: "entry", open: opened.has(one.id), ontoggle: toggled },
    element("summary", {}, one.name ?? one.entryId, " ", element("span", { class: "quiet" }, facts)),
    one.description && element("p", {}, one.description), values(Object.entries(one.payload ?? {})),
    one.formUrl && element("p", {}, element("a", { href: one.formUrl, target: "_blank", rel: "noopener noreferrer" }, "Open it")), log);
  return box;
}

export function logged(line) {
  const said = [line.log?.message ?? EVENTS[line.type.split(".").pop()] ?? "Changed", line.log?.user && `by ${line.log.user}`].filter(Boolean).join(" ");
  return element("li", {}, `${said} `, element("span", { class: "quiet" }, moment(line.time)));
}

// What was begun stays where it is when the task changes.
const begun = new Map();

function comments(task) {
  const list = element("ol", { class: "comments" });
  const read = () => call(`/tasks/${encodeURIComponent(task.id)}/comments`).then(({ body }) => list.replaceChildren(...body.items.map(said)), () => {});
  const text = element("textarea", { rows: 2, maxlength: 10000, "aria-label": "Say something about this task", placeholder: "Say something about it", oninput: () => begun.set(task.id, text.value) });
  text.value = begun.get(task.id) ?? "";
  const add = async (event) => {
    event.preventDefault();
    const sent = text.value;
    if (!sent.trim()) return;
    // Before it is answered: the news of it may be here earlier, and show the task anew.
    begun.delete(task.id);
    text.value = "";
    try {
      await call(`/tasks/${encodeURIComponent(task.id)}/comments`, { method: "POST", body: { text: sent }, headers: { "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()) } });
      read();
    } catch (error) {
      begun.set(task.id, sent);
      if (shown?.id === task.id) byId("pane").querySelector(".comment-form textarea").value = sent;
      toast(error instanceof Problem ? error.message : "The server could not be reached. Nothing is lost; try again.", "error");
    }
  };
  read();
  return element("section", {}, element("h3", {}, "Comments"), list, element("form", { class: "comment-form", onsubmit: add }, text, element("button", {}, "Add comment")));
}

function said(comment) {
  return element("li", {}, element("p", {}, comment.text), element("span", { class: "quiet" }, `${comment.user} `, moment(comment.time)));
}

function details(task) {
  const facts = [["Application", task.application], ["Offered to", [...task.candidateGroups ?? [], ...task.candidateUsers ?? []].join(", ")], ["Owner", task.owner],
    ["Created", task.createTime && exact(task.createTime)], ["Due", task.dueDate && exact(task.dueDate)], ["Hidden until", task.followUpDate && exact(task.followUpDate)], ["Completed by", task.completedBy], ["Process instance", task.processInstanceId]];
  const warnings = (task.warnings ?? []).map((one) => element("p", { class: "quiet" }, `The model's ${one.attribute} ${one.reason}: ${one.raw}`));
  return element("section", {}, element("h3", {}, "Details"), element("dl", { class: "data" }, ...facts.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])), ...warnings);
}

function history(task) {
  const list = element("ol", { class: "history" });
  call(`/tasks/${encodeURIComponent(task.id)}/history`).then(({ body }) => list.replaceChildren(...body.items.map(happened)), () => {});
  return element("section", {}, element("h3", {}, "History"), list);
}

function happened(entry) {
  const kind = entry.type.split(".").pop();
  const who = kind === "assigned" ? (entry.changes.assignee ? ` to ${entry.changes.assignee}` : " to nobody") : entry.changes.completedBy ? ` by ${entry.changes.completedBy}` : "";
  return element("li", {}, `${EVENTS[kind] ?? kind}${who} `, element("span", { class: "quiet" }, moment(entry.time)));
}

export const claim = () => act("claim");
export const unclaim = () => act("unclaim");
const undefer = () => act("undefer");
const defer = () => hooks.defer((date) => act("defer", { followUpDate: date }));

function complete(event) {
  event.preventDefault();
  const missing = fieldsOf(shown).filter((field) => field.required && !field.constraints?.readonly && valuesOf(form)[field.id] === undefined);
  showErrors(form, missing.map((field) => ({ field: field.id, message: "is required" })));
  if (!missing.length) act("complete", { variables: given() });
}

// Without a form of its own only what was edited is sent: the rest is the process's already.
function given() {
  const values = Object.entries(valuesOf(form));
  return Object.fromEntries(shown.formFields?.length ? values : values.filter(([name, value]) => value !== shown.payload?.[name]));
}

async function act(action, body) {
  if (!shown || busy) return;
  const { id, name } = shown;
  setBusy(true);
  try {
    const task = await command(`/tasks/${encodeURIComponent(id)}/${action}`, body);
    toast(action === "complete" ? `${name ?? "Task"}: completed.` : DONE[action], "good");
    if (shown?.id === id && task.id === id) show(task, false);
  } catch (error) {
    failed(error, id);
  } finally {
    setBusy(false);
  }
}

function setBusy(on) {
  busy = on;
  byId("pane").setAttribute("aria-busy", String(on));
  if (shown) byId("pane").querySelector(".actions")?.replaceWith(actions(shown) ?? "");
}

function failed(error, id) {
  if (!(error instanceof Problem)) {
    toast("The server could not be reached. Nothing is lost; try again.", "error");
    return;
  }
  const { document: problem, slug } = error;
  if (problem.errors && form) showErrors(form, problem.errors);
  const said = { "claim-conflict": `${problem.assignee ?? "Somebody else"} has it.`, "already-completed": "It has already been completed." };
  toast(said[slug] ?? error.message, "error");
  if (problem.status === 409 || problem.status === 404) gone(id);
}
