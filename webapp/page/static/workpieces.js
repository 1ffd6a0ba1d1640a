// Business data and running processes: lists beside those of tasks, read when they are shown and when one comes back.
import { Problem, call } from "./api.js";
import { byId, element, toast } from "./element.js";
import { exact, moment } from "./moments.js";
import { STATES, logged, values } from "./pane.js";

const SIZE = 50;
const RUNS = { RUNNING: "running", SUSPENDED: "suspended", FINISHED: "finished", CANCELLED: "cancelled" };

export const KINDS = {
  workpieces: {
    path: "/data-entries", sort: "-eventTime", row: entryRow, pane: entryPane,
    empty: "No business data is shared with you yet.",
  },
  running: {
    path: "/process-instances", sort: "-startTime", row: instanceRow, pane: instancePane,
    empty: "No process of yours is running. Start one, or take part in one.", only: { state: "RUNNING" },
  },
};

let hooks = {};
let asked = 0;
let here = null;

export function startWorkpieces(given) {
  hooks = given;
  document.addEventListener("visibilitychange", () => !document.hidden && here && list(here.kind, here.q).catch(failed));
}

export function leave() {
  here = null;
  asked += 1;
}

export async function list(name, q) {
  const kind = KINDS[name];
  const mine = asked += 1;
  here = { kind: name, q };
  byId("list").setAttribute("aria-busy", "true");
  const body = await read(kind, q);
  if (mine !== asked) return;
  byId("list").removeAttribute("aria-busy");
  byId("list").replaceChildren(...body.items.map(kind.row));
  byId("count").textContent = body.total ? `${body.total}${body.totalIsAtLeast ? "+" : ""}` : "";
  byId("empty").hidden = body.items.length > 0;
  byId("empty").textContent = q ? `Nothing matches “${q}”.` : kind.empty;
  byId("more").hidden = true;
  more(kind, q, body.next, mine);
  markRow(hooks.selected());
}

function read(kind, q, extra = {}) {
  const found = new URLSearchParams({ size: SIZE, sort: kind.sort, ...kind.only, ...extra });
  if (q) found.set("q", q);
  return call(`${kind.path}?${found}`).then(({ body }) => body);
}

function more(kind, q, next, mine) {
  if (!next) return;
  const button = element("button", { class: "plain", onclick: async () => {
    const body = await read(kind, q, { after: next }).catch(failed);
    if (!body || mine !== asked) return;
    button.parentElement.remove();
    byId("list").append(...body.items.map(kind.row));
    more(kind, q, body.next, mine);
  } }, "Show more");
  byId("list").append(element("li", { class: "further" }, button));
}

export async function open(name, id) {
  try {
    const { body } = await call(`${KINDS[name].path}/${encodeURIComponent(id)}`);
    if (hooks.selected() !== id) return;
    document.body.classList.add("with-task");
    byId("pane").replaceChildren(...KINDS[name].pane(body).filter(Boolean));
    markRow(id);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    hooks.closed();
    toast("That is not there for you.", "error");
  }
}

function markRow(id) {
  for (const row of document.querySelectorAll("#list li[data-id]")) row.firstChild.setAttribute("aria-current", String(row.dataset.id === id));
}

function row(id, title, about, ...bottom) {
  return element("li", { "data-id": id }, element("button", { class: "row", onclick: () => hooks.open(id) },
    element("span", { class: "row-top" }, element("b", {}, title)), element("span", { class: "row-sub" }, about),
    element("span", { class: "row-bottom" }, ...bottom)));
}

const stateOf = (entry) => entry.state.state ?? STATES[entry.state.processingType] ?? "";

function entryRow(entry) {
  const state = stateOf(entry);
  return row(entry.id, entry.name ?? entry.entryId, [entry.type ?? entry.entryType, entry.application].filter(Boolean).join(" · "),
    state && element("span", { class: "badge" }, state), entry.entryId.length <= 20 && element("span", { class: "when" }, entry.entryId));
}

function instanceRow(instance) {
  return row(instance.id, instance.processName ?? instance.processDefinitionKey ?? "Process", [instance.businessKey, instance.application].filter(Boolean).join(" · "),
    element("span", { class: "badge held" }, instance.startUser ? `started by ${instance.startUser}` : "started"),
    instance.startTime && element("span", { class: "when" }, moment(instance.startTime)));
}

function heading(where, title, ...facts) {
  return element("header", { class: "pane-head" }, element("button", { class: "plain back", onclick: hooks.closed, "aria-label": "Back to the list" }, "← Back"),
    element("p", { class: "quiet" }, where), element("h2", {}, title), element("p", { class: "facts" }, ...facts.filter(Boolean)));
}

function entryPane(entry) {
  const log = element("ol", { class: "history" });
  call(`/data-entries/${encodeURIComponent(entry.id)}/history?size=100`).then(({ body }) => log.replaceChildren(...body.items.map(logged)), () => {});
  const state = stateOf(entry);
  return [
    heading([entry.type ?? entry.entryType, entry.entryId].join(" · "), entry.name ?? entry.entryId, state && element("span", { class: "badge" }, state)),
    entry.description && element("p", { class: "about" }, entry.description),
    entry.formUrl && element("p", {}, element("a", { class: "button", href: entry.formUrl, target: "_blank", rel: "noopener noreferrer" }, "Open it")),
    element("section", {}, element("h3", {}, "Data"), values(Object.entries(entry.payload ?? {}))),
    tasksOf(`data.id = "${entry.id}"`),
    element("section", {}, element("h3", {}, "History"), log),
  ];
}

function instancePane(instance) {
  const facts = [["Business key", instance.businessKey], ["Started by", instance.startUser], ["Started", instance.startTime && exact(instance.startTime)],
    ["Application", instance.application], ["Process instance", instance.processInstanceId]];
  const known = element("div");
  call(`/process-instances/${encodeURIComponent(instance.id)}/variables`).then(({ body }) => {
    if (body.items.length) known.replaceChildren(element("h3", {}, "Data"), values(body.items.map((one) => [one.name, one.value])));
  }, () => {});
  return [
    heading(instance.application, instance.processName ?? instance.processDefinitionKey ?? "Process", element("span", { class: "badge held" }, RUNS[instance.state])),
    tasksOf(`task.processInstanceId = "${instance.processInstanceId}"`),
    element("section", {}, known),
    element("section", {}, element("h3", {}, "Details"), values(facts.filter(([, value]) => value))),
  ];
}

// The open tasks of it that the reader may see; each leads to the list of all tasks, where it is open.
function tasksOf(filter) {
  const found = element("ul", { class: "of-it" });
  const none = element("p", { class: "quiet", hidden: true }, "No open task that you can see.");
  const query = new URLSearchParams({ filter, deferred: "show", size: 50 });
  call(`/tasks?${query}`).then(({ body }) => {
    none.hidden = body.items.length > 0;
    found.replaceChildren(...body.items.map((task) => element("li", {},
      element("a", { href: `?tab=visible&deferred&task=${encodeURIComponent(task.id)}` }, task.name ?? task.taskDefinitionKey ?? "Task"), " ",
      element("span", { class: "quiet" }, task.assignee ? `${task.assignee} has it` : "unassigned"))));
  }, () => {});
  return element("section", {}, element("h3", {}, "Tasks"), found, none);
}

function failed(error) {
  toast(error.message, "error");
}
