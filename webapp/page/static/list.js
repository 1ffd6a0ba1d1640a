// The live list: read once, then kept current by held polls.
import { call, pause } from "./api.js";
import { byId, element } from "./element.js";
import { isPast, moment } from "./moments.js";

const EMPTY = {
  mine: "Nothing is assigned to you. Group tasks has what you can take.",
  group: "Nobody needs your groups right now. New tasks appear here by themselves.",
  visible: "There is nothing you can see. New tasks appear here by themselves.",
  completed: "You have not completed anything yet.",
};
const SIZE = 100;
const DOING = { claim: "claiming", unclaim: "giving back", complete: "completing", assign: "assigning", defer: "deferring", undefer: "bringing back" };

const tasks = new Map();
const rows = new Map();
let asked = { tab: "mine", q: "", deferred: false };
let cursor = null;
let next = null;
let total = 0;
let controller = null;
let hooks = {};
let gone = new Set();  // what has left while a further page is on its way

export function startList(given) {
  hooks = given;
  byId("more").addEventListener("click", () => read({ more: true }));
}

export const taskOrder = () => [...byId("list").children].map((row) => row.dataset.id);

export async function ask(wanted) {
  asked = wanted;
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;
  for (const row of document.querySelectorAll("#list li")) if (!rows.has(row.dataset.id)) row.remove();
  byId("list").setAttribute("aria-busy", "true");
  try {
    await read({ signal });
    await follow(signal);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

// Another list is shown in this one's place.
export function quit() {
  controller?.abort();
  controller = null;
  for (const row of rows.values()) row.remove();
  rows.clear();
  tasks.clear();
  next = null;
}

function parameters(extra = {}) {
  const found = new URLSearchParams({ scope: asked.tab, deferred: asked.deferred ? "show" : "hide", ...extra });
  if (asked.q) found.set("q", asked.q);
  if (asked.tab === "completed") found.set("sort", "-endTime");
  else if (asked.sort) found.set("sort", asked.sort);
  return found;
}

async function read({ signal, more = false } = {}) {
  const extra = { size: SIZE };
  if (more && next) extra.after = next;
  if (more) gone = new Set();
  const { body } = await call(`/tasks?${parameters(extra)}`, { signal });
  if (!more) {
    tasks.clear();
    cursor = body.cursor;
  }
  for (const task of body.items) if (!more || !(tasks.has(task.id) || gone.has(task.id))) tasks.set(task.id, task);
  next = body.next;
  total = body.total;
  byId("list").removeAttribute("aria-busy");
  draw(body.totalIsAtLeast);
  for (const task of body.items) hooks.changed(task);
}

// While the page is shown. A hidden one holds nothing, and catches up when it is shown again.
async function follow(signal) {
  while (!signal.aborted) {
    await shown(signal);
    const watching = new AbortController();
    const stop = () => watching.abort();
    const look = () => document.hidden && stop();
    signal.addEventListener("abort", stop);
    document.addEventListener("visibilitychange", look);
    await watch(watching.signal);
    document.removeEventListener("visibilitychange", look);
    signal.removeEventListener("abort", stop);
  }
}

// Of all tabs that show the same list one holds the request, since a browser has only six; it tells the others of news.
async function watch(signal) {
  if (!navigator.locks || !window.BroadcastChannel) return hold(signal, () => {});
  const name = `taskpool ${hooks.user} ${parameters()}`;
  const channel = new BroadcastChannel(name);
  let holds = false;
  const catchUp = () => holds || signal.aborted || attempt(0, signal);
  channel.onmessage = catchUp;
  // What has happened before this tab listened; the one that holds the request hears of it anyway.
  const soon = setTimeout(catchUp, 200);
  try {
    await navigator.locks.request(name, { signal }, () => {
      holds = true;
      return hold(signal, () => channel.postMessage("news"));
    });
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
  clearTimeout(soon);
  channel.close();
}

async function hold(signal, tell) {
  while (!signal.aborted) if (await attempt(25, signal)) tell();
}

let turn = Promise.resolve();  // one after the other: each begins where the one before has ended
let delay = 500;

function attempt(wait, signal) {
  turn = turn.then(() => !signal.aborted && changes(wait, signal));
  return turn;
}

// Whether there was news; repeated until it is known.
async function changes(wait, signal) {
  while (!signal.aborted) {
    try {
      const found = parameters({ cursor, wait });
      found.delete("sort");
      const { body } = await call(`/tasks/changes?${found}`, { signal });
      live(true);
      delay = 500;
      if (body.reset) {
        await pause(Math.random() * 1500);
        await read({ signal });
      } else apply(body);
      return body.reset || Boolean(body.entered.length || body.updated.length || body.left.length);
    } catch (error) {
      if (signal.aborted) return false;
      live(false);
      await pause(Math.max(delay * (0.5 + Math.random()), error.retryAfter ?? 0));
      delay = Math.min(delay * 2, 15000);
    }
  }
  return false;
}

function shown(signal) {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    document.addEventListener("visibilitychange", done, { once: true });
    signal.addEventListener("abort", done, { once: true });
  });
}

function apply(news) {
  cursor = news.cursor;
  if (!news.entered.length && !news.updated.length && !news.left.length) return;
  for (const id of news.left) {
    gone.add(id);
    if (tasks.delete(id)) total -= 1;
  }
  for (const task of [...news.entered, ...news.updated]) {
    if (!tasks.has(task.id)) total += 1;
    tasks.set(task.id, task);
  }
  draw(false, new Set(news.entered.map((task) => task.id)));
  for (const task of [...news.entered, ...news.updated]) hooks.changed(task);
  for (const id of news.left) hooks.left(id);
}

function draw(atLeast, fresh = new Set()) {
  const list = byId("list");
  const sorted = [...tasks.values()].sort(asked.tab === "completed" ? byEnd : ORDERS[asked.sort] ?? byUrgency);
  const focused = document.activeElement?.closest?.("#list li")?.dataset.id;
  for (const [id, row] of rows) {
    if (!tasks.has(id)) {
      row.remove();
      rows.delete(id);
    }
  }
  sorted.forEach((task, index) => {
    const row = drawn(task, fresh.has(task.id));
    if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
  });
  if (focused && !document.activeElement?.closest("#list")) refocus(focused);
  byId("empty").hidden = sorted.length > 0;
  byId("empty").textContent = asked.q ? `Nothing matches “${asked.q}”.` : EMPTY[asked.tab];
  byId("count").textContent = sorted.length ? `${Math.max(total, sorted.length)}${atLeast ? "+" : ""}` : "";
  byId("more").hidden = !next;
  mark(hooks.selected());
}

function refocus(id) {
  const row = rows.get(id) ?? byId("list").firstElementChild;
  (row?.querySelector("button") ?? byId("list")).focus();
}

function drawn(task, fresh) {
  let row = rows.get(task.id);
  if (!row) {
    row = element("li", { "data-id": task.id, class: fresh ? "fresh" : "" }, element("button", { class: "row", onclick: () => hooks.open(task.id) }));
    rows.set(task.id, row);
  }
  const shown = JSON.stringify([task.revision, task.pending, task.dueDate && isPast(task.dueDate)]);
  if (row.dataset.shown !== shown) {
    row.dataset.shown = shown;
    row.firstChild.replaceChildren(...content(task));
  }
  return row;
}

function content(task) {
  const business = [task.processName ?? task.application, task.businessKey].filter(Boolean).join(" · ");
  return [
    element("span", { class: "row-top" }, element("b", {}, task.name ?? task.taskDefinitionKey ?? "Task"), priority(task.priority)),
    element("span", { class: "row-sub" }, business),
    task.description && element("span", { class: "row-about" }, task.description),
    element("span", { class: "row-bottom" }, holder(task), due(task)),
  ].filter(Boolean);
}

export function holder(task) {
  if (task.pending) return element("span", { class: "badge busy" }, `${task.pending.user} is ${DOING[task.pending.action] ?? "working"}…`);
  if (task.state === "completed") return element("span", { class: "badge done" }, "completed ", moment(task.endTime));
  if (!task.assignee) return element("span", { class: "badge open" }, "unassigned");
  return element("span", { class: "badge held" }, task.assignee === hooks.user ? "you have it" : `${task.assignee} has it`);
}

export function due(task) {
  if (task.state !== "open") return null;
  if (task.followUpDate && !isPast(task.followUpDate)) return element("span", { class: "badge" }, moment(task.followUpDate, "back "));
  if (!task.dueDate) return task.createTime ? element("span", { class: "when" }, moment(task.createTime)) : null;
  const late = isPast(task.dueDate);
  return element("span", { class: late ? "badge late" : "badge" }, moment(task.dueDate, late ? "Overdue, due " : "due "));
}

export function priority(value) {
  if (value === null || value === undefined) return null;
  const [label, kind] = value > 75 ? ["critical", "p3"] : value > 50 ? ["high", "p2"] : value > 25 ? ["medium", "p1"] : ["low", "p0"];
  return element("span", { class: `priority ${kind}`, title: `priority ${value}` }, label);
}

export function mark(id) {
  for (const [own, row] of rows) row.firstChild.setAttribute("aria-current", own === id ? "true" : "false");
}

const last = "\u{10ffff}";
const byUrgency = (one, other) =>
  (other.priority ?? -Infinity) - (one.priority ?? -Infinity) || compare(one.dueDate ?? last, other.dueDate ?? last) || compare(one.id, other.id);
const byEnd = (one, other) => compare(other.endTime ?? "", one.endTime ?? "") || compare(one.id, other.id);
const byDue = (one, other) => compare(one.dueDate ?? last, other.dueDate ?? last) || compare(one.id, other.id);
const byNewest = (one, other) => compare(other.createTime ?? "", one.createTime ?? "") || compare(one.id, other.id);
const nameOf = (task) => task.name?.normalize("NFKC").toLowerCase() ?? last;
const byName = (one, other) => compare(nameOf(one), nameOf(other)) || compare(one.id, other.id);
const ORDERS = { dueDate: byDue, "-createTime": byNewest, name: byName };
const compare = (one, other) => (one < other ? -1 : one > other ? 1 : 0);

function live(on) {
  byId("live").textContent = on ? "" : "Offline, trying again…";
}
