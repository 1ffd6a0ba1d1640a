// Puts the page together: what the address says, what is shown, what keys do.
import { openDefer, openStart } from "./dialogs.js";
import { byId, toast } from "./element.js";
import { ask, mark, quit, startList, taskOrder } from "./list.js";
import { keepFresh } from "./moments.js";
import * as pane from "./pane.js";
import * as workpieces from "./workpieces.js";

const TITLES = { mine: "My tasks", group: "Group tasks", visible: "All tasks", completed: "Completed by me", workpieces: "Workpieces", running: "Running processes" };
const user = byId("work").dataset.user;
let place = read();

function read() {
  const found = new URLSearchParams(location.search);
  const tab = found.get("tab") in TITLES ? found.get("tab") : "mine";
  return { tab, task: found.get("task"), q: found.get("q") ?? "", deferred: found.has("deferred"), sort: found.get("sort") ?? "" };
}

function go(changes, { replace = false } = {}) {
  const next = { ...place, ...changes };
  const shown = new URLSearchParams({ tab: next.tab });
  if (next.q) shown.set("q", next.q);
  if (next.deferred) shown.set("deferred", "");
  if (next.sort) shown.set("sort", next.sort);
  if (next.task) shown.set("task", next.task);
  history[replace ? "replaceState" : "pushState"](null, "", `?${shown}`);
  arrive(next);
}

function arrive(next, first = false) {
  const listed = first || ["tab", "q", "deferred", "sort"].some((name) => next[name] !== place[name]);
  const opened = first || next.task !== place.task || next.tab !== place.tab;
  place = next;
  for (const tab of document.querySelectorAll("[data-tab]")) tab.setAttribute("aria-current", tab.dataset.tab === place.tab ? "page" : "false");
  byId("list-title").textContent = TITLES[place.tab];
  document.title = `${TITLES[place.tab]} · Taskpool`;
  if (byId("search").value !== place.q) byId("search").value = place.q;
  byId("deferred").checked = place.deferred;
  byId("sort").value = place.sort;
  const beside = place.tab in workpieces.KINDS;
  byId("of-tasks").hidden = beside || place.tab === "completed";
  byId("search").setAttribute("aria-label", `Search ${TITLES[place.tab].toLowerCase()}`);
  if (opened && !(place.task && beside)) place.task ? pane.open(place.task) : pane.close();
  if (beside) {
    if (listed) quit();
    if (opened && place.task) openBeside();
    if (listed) workpieces.list(place.tab, place.q).catch((error) => toast(error.message, "error"));
    return;
  }
  workpieces.leave();
  mark(place.task);
  if (listed) ask(place).catch((error) => toast(error.message, "error"));
}

function openBeside() {
  pane.close();
  workpieces.open(place.tab, place.task).catch((error) => toast(error.message, "error"));
}

function step(by) {
  const order = taskOrder();
  if (!order.length) return;
  const here = document.activeElement?.closest?.("#list li")?.dataset.id ?? place.task;
  const index = order.indexOf(here);
  const id = order[index < 0 ? 0 : Math.min(Math.max(index + by, 0), order.length - 1)];
  document.querySelector(`#list li[data-id="${CSS.escape(id)}"] button`).focus();
  if (place.task) go({ task: id }, { replace: true });
}

function selectThen(act) {
  const id = document.activeElement?.closest?.("#list li")?.dataset.id ?? place.task;
  if (!id || place.tab in workpieces.KINDS) return;
  if (pane.current()?.id === id) act();
  else pane.open(id).then(() => { go({ task: id }); act(); });
}

const KEYS = {
  j: () => step(1), k: () => step(-1), c: () => selectThen(pane.claim), u: () => selectThen(pane.unclaim),
  "/": () => byId("search").focus(), "?": () => byId("help").showModal(), s: start, Escape: () => place.task && back(),
};

function back() {
  const id = place.task;
  if (!id) return;
  go({ task: null });
  (document.querySelector(`#list li[data-id="${CSS.escape(id)}"] button`) ?? byId("list")).focus();
}

function start() {
  openStart().catch((error) => toast(error.message, "error"));
}

function key(event) {
  const typing = event.target.matches("input, select, textarea, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (typing) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
}

function searchSoon() {
  clearTimeout(searchSoon.timer);
  searchSoon.timer = setTimeout(() => go({ q: byId("search").value.trim() }, { replace: true }), 250);
}

startList({ user, open: (id) => go({ task: id }), selected: () => place.task, changed: (task) => pane.refresh(task), left: (id) => pane.gone(id) });
workpieces.startWorkpieces({ open: (id) => go({ task: id }), selected: () => place.task, closed: back });
pane.startPane({ user, defer: openDefer, closed: back });
document.querySelector(".tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[data-tab]");
  if (tab && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    go({ tab: tab.dataset.tab, task: null });
  }
});
byId("search").addEventListener("input", searchSoon);
byId("sort").addEventListener("change", (event) => go({ sort: event.target.value }));
byId("deferred").addEventListener("change", (event) => go({ deferred: event.target.checked }));
byId("start-open").addEventListener("click", start);
byId("start-open").disabled = false;
addEventListener("popstate", () => arrive(read()));
addEventListener("keydown", key);
keepFresh();
arrive(place, true);
