// Tells by the browser what somebody else has assigned to the reader, also while another window is in front.
//
// The list of the page may be any, and a hidden page holds no request. So, where the reader wants it, one tab of the
// browser follows what is theirs with a request of its own; nothing is asked where they do not.
import { effect } from "@preact/signals";
import { call, pause } from "../api/calls.ts";
import type { Task, TaskChanges, TaskPage } from "../api/shapes.ts";
import { t } from "../words/words.ts";
import { doing, nameOf } from "./commands.ts";
import { goTo } from "./place.ts";
import { notifies, quietFrom, quietUntil, timeZone } from "./preferences.ts";
import { isQuiet } from "./quiet_hours.ts";
import { session } from "./session.ts";

const MINE = { scope: "mine", deferred: "show" };
const WAIT = 25;
const MOST = 3;
const FORGOTTEN = 120_000;
const LAST_PAUSE = 60_000;

const own = new Map<string, number>();

export function followNotifications(): void {
  if (!("Notification" in window) || !navigator.locks || !window.BroadcastChannel) return;
  const channel = new BroadcastChannel(`taskpool own ${session.user}`);
  channel.onmessage = ({ data }) => own.set(data as string, Date.now());
  effect(() => {
    for (const id of doing.value.keys()) {
      own.set(id, Date.now());
      channel.postMessage(id);
    }
  });
  effect(() => {
    if (!notifies.value || Notification.permission !== "granted") return;
    const stop = new AbortController();
    navigator.locks
      .request(`taskpool notify ${session.user}`, { signal: stop.signal }, () => follow(stop.signal))
      .catch(() => {});
    return () => stop.abort();
  });
}

async function follow(given: AbortSignal): Promise<void> {
  let cursor = "";
  let delay = 1000;
  while (!given.aborted) {
    try {
      cursor ||= await begin(given);
      const asked = new URLSearchParams({ cursor, wait: String(WAIT) });
      const { body } = await call<TaskChanges>(`/tasks/search/changes?${asked}`, {
        method: "POST",
        body: MINE,
        signal: given,
      });
      cursor = body.reset ? "" : body.cursor;
      tell(body.entered.filter(isNews));
      delay = 1000;
    } catch {
      if (given.aborted) return;
      await pause(delay * (0.5 + Math.random()));
      delay = Math.min(delay * 2, LAST_PAUSE);
    }
  }
}

async function begin(given: AbortSignal): Promise<string> {
  const { body } = await call<TaskPage>("/tasks/search", {
    method: "POST",
    body: { ...MINE, size: 1 },
    signal: given,
  });
  return body.cursor;
}

const isNews = (task: Task) => task.pending?.user !== session.user && Date.now() - (own.get(task.id) ?? 0) > FORGOTTEN;

function tell(tasks: Task[]): void {
  const zone = timeZone.peek() ?? undefined;
  const now = new Intl.DateTimeFormat("sv", { timeStyle: "short", timeZone: zone }).format(new Date());
  if (!tasks.length || isQuiet(now, quietFrom.peek(), quietUntil.peek())) return;
  if (tasks.length > MOST) {
    show(t("notify.several", { n: tasks.length }), "", "taskpool several", () => goTo("mine"));
    return;
  }
  for (const task of tasks) {
    const about = [task.processName ?? task.application, task.businessKey].filter(Boolean).join(" · ");
    show(t("notify.assigned", { name: nameOf(task) }), about, task.id, () => goTo("mine", { task: task.id }));
  }
}

function show(title: string, body: string, tag: string, open: () => void): void {
  try {
    const shown = new Notification(title, { body, tag, icon: "/static/mark.svg" });
    shown.onclick = () => {
      focus();
      shown.close();
      open();
    };
  } catch {
    // On telephones only a service worker may show one; choosing it leads to My tasks.
    const given = { body, tag, icon: "/static/mark.svg" };
    void navigator.serviceWorker?.getRegistration().then((found) => found?.showNotification(title, given));
  }
}
