// Lists beside those of tasks: business data, running processes, what I have started.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { call, Problem } from "../api/calls.ts";
import { ofEntry, ofInstance } from "../api/paths.ts";
import type { Entry, Task } from "../api/shapes.ts";
import { Search } from "../list/search.tsx";
import { Moment } from "../parts/moment.tsx";
import { useRead } from "../parts/read.ts";
import { nameOf } from "../state/commands.ts";
import { go, opened, place, type Tab, tab } from "../state/place.ts";
import { session } from "../state/session.ts";
import { pageTitle } from "../state/title.ts";
import { toast } from "../state/toasts.ts";
import { stateOf } from "../task/entries.tsx";
import { Hint } from "../task/pane.tsx";
import { t, type Word } from "../words/words.ts";
import { EntryPane } from "./entry_pane.tsx";
import { InstancePane } from "./instance_pane.tsx";

export interface Instance {
  id: string;
  processInstanceId: string;
  application: string;
  processDefinitionKey: string | null;
  processDefinitionId: string | null;
  processName: string | null;
  businessKey: string | null;
  state: "RUNNING" | "SUSPENDED" | "FINISHED" | "CANCELLED";
  startUser: string | null;
  startTime: string | null;
  endTime: string | null;
  superInstanceId: string | null;
  deleteReason: string | null;
  revision: number;
  incidents: number | null;
}

const SIZE = 50;
const PATHS: Partial<Record<Tab, string>> = {
  workpieces: "/data-entries",
  running: "/process-instances",
  requests: "/process-instances",
};

function askedOf(which: Tab, q: string): URLSearchParams {
  const found = new URLSearchParams({ size: String(SIZE), sort: which === "workpieces" ? "-eventTime" : "-startTime" });
  if (which === "running") found.set("state", "RUNNING");
  if (which === "requests") found.set("filter", `instance.startUser = "${session.user}"`);
  if (q) found.set("q", q);
  return found;
}

interface Read {
  items: (Entry | Instance)[];
  total: number;
  totalIsAtLeast: boolean;
  next: string | null;
}

export function Beside() {
  const { tab: which, q } = place.value;
  const [read, setRead] = useState<Read | null>(null);
  const [returned, setReturned] = useState(0);
  useEffect(() => {
    pageTitle.value = t(`title.${which}` as Word);
    const look = () => !document.hidden && setReturned((before) => before + 1);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [which]);
  useEffect(() => {
    const stop = new AbortController();
    call<Read>(`${PATHS[which]}?${askedOf(which, q)}`, { signal: stop.signal }).then(
      ({ body }) => setRead(body),
      (error) => stop.signal.aborted || toast(error.message, "error"),
    );
    return () => stop.abort();
  }, [which, q, returned]);
  const more = async () => {
    const { body } = await call<Read>(`${PATHS[which]}?${askedOf(which, q)}&after=${encodeURIComponent(read!.next!)}`);
    setRead({ ...body, items: [...read!.items, ...body.items] });
  };
  const title = t(`title.${which}` as Word);
  return (
    <section class="column" aria-labelledby="list-title">
      <div class="tools">
        <h1 id="list-title">{title}</h1>
        <span class="count" aria-live="polite">
          {read?.total ? `${read.total.toLocaleString()}${read.totalIsAtLeast ? "+" : ""}` : ""}
        </span>
      </div>
      <div class="tools">
        <Search />
      </div>
      <ul id="list" class="cards" tabIndex={-1} aria-busy={read === null}>
        {(read?.items ?? []).map((one) =>
          "entryId" in one ? <EntryRow key={one.id} entry={one} /> : <InstanceRow key={one.id} instance={one} />,
        )}
      </ul>
      {read?.next && (
        <button type="button" class="plain" onClick={more}>
          {t("list.more")}
        </button>
      )}
      {read?.items.length === 0 && (
        <p class="empty">{q ? t("empty.search", { q }) : t(`work.empty.${which}` as Word)}</p>
      )}
    </section>
  );
}

function Row({
  id,
  title,
  about,
  children,
}: {
  id: string;
  title: string;
  about: string;
  children: ComponentChildren;
}) {
  return (
    <li data-id={id}>
      <button type="button" class="card-row" aria-current={opened.value === id} onClick={() => go({ task: id })}>
        <span class="row-top">
          <b dir="auto">{title}</b>
        </span>
        <span class="row-sub" dir="auto">
          {about}
        </span>
        <span class="row-bottom">{children}</span>
      </button>
    </li>
  );
}

function EntryRow({ entry }: { entry: Entry }) {
  const state = stateOf(entry);
  return (
    <Row
      id={entry.id}
      title={entry.name ?? entry.entryId}
      about={[entry.type ?? entry.entryType, entry.application].filter(Boolean).join(" · ")}
    >
      {state && <span class="badge">{state}</span>}
      {entry.entryId.length <= 20 && <span class="when">{entry.entryId}</span>}
    </Row>
  );
}

function InstanceRow({ instance }: { instance: Instance }) {
  const { startUser, startTime } = instance;
  return (
    <Row
      id={instance.id}
      title={instance.processName ?? instance.processDefinitionKey ?? t("process")}
      about={[instance.businessKey, instance.application].filter(Boolean).join(" · ")}
    >
      <span class="badge held">{startUser ? t("work.started_by", { who: startUser }) : t("work.started")}</span>
      {tab.value === "requests" && <span class="badge">{t(`run.${instance.state}`)}</span>}
      {startTime && (
        <span class="when">
          <Moment iso={startTime} />
        </span>
      )}
    </Row>
  );
}

export function BesidePane() {
  const { tab: which, task: id } = place.value;
  const [found, setFound] = useState<Entry | Instance | null>(null);
  useEffect(() => {
    setFound(null);
    if (!id) return;
    const stop = new AbortController();
    call<Entry | Instance>(which === "workpieces" ? ofEntry(id) : ofInstance(id), { signal: stop.signal }).then(
      ({ body }) => setFound(body),
      (error) => {
        if (stop.signal.aborted || !(error instanceof Problem)) return;
        go({ task: null }, { replace: true });
        toast(t("work.not_there"), "error");
      },
    );
    return () => stop.abort();
  }, [which, id]);
  return (
    <section id="pane" class="pane" aria-label={t(`title.${which}` as Word)} tabIndex={-1}>
      {!id ? <Hint /> : found && ("entryId" in found ? <EntryPane entry={found} /> : <InstancePane instance={found} />)}
    </section>
  );
}

/** The open tasks of it that the reader may see; each leads to the list of all tasks, where it is open. */
export function TasksOf({ filter }: { filter: string }) {
  const tasks = useRead<Task>(`/tasks?${new URLSearchParams({ filter, deferred: "show", size: "50" })}`, filter);
  return (
    <section>
      <h3>{t("work.tasks")}</h3>
      {tasks.length === 0 && <p class="quiet">{t("work.no_tasks")}</p>}
      <ul class="of-it">
        {tasks.map((task) => (
          <li key={task.id}>
            <a href={`?tab=visible&deferred&task=${encodeURIComponent(task.id)}`} dir="auto">
              {nameOf(task)}
            </a>{" "}
            <span class="quiet">{task.assignee ? t("row.held", { who: task.assignee }) : t("row.unassigned")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
