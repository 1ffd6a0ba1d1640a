// What is wrong, the worst first, each with what to do; the limits are those of the documentation.
import { sum } from "./gauges.ts";
import type { Gauges, Readiness, Status } from "./shapes.ts";

export interface Seen {
  status: Status | null;
  readiness: Readiness | null;
  gauges: Gauges;
  /** Why the last question had no answer. */
  failed: string | null;
}

export interface Finding {
  id: string;
  kind: "bad" | "warn";
  /** Names of texts: what is wrong, and the remedy. */
  says: string;
  remedy: string;
  values: Record<string, string | number>;
  /** Seconds, for the text to say as a duration. */
  seconds?: number;
  part?: string;
}

export const LONG_SECONDS = 60;
const MANY_EVENTS = 1000;
const MANY_COMMANDS = 50;
const KINDS = ["mongodb", "rabbitmq", "redis", "hub", "views", "commands", "queues", "projector", "beat"];
const OF_APPLICATION = ["sql", "engine", "publisher"];

/** Which remedy a part has: `engine.approval` is an `engine`. */
export function kindOf(part: string): string {
  const first = part.split(".")[0]!;
  return KINDS.includes(part) || OF_APPLICATION.includes(first) ? first : "other";
}

export function findings(seen: Seen): Finding[] {
  const found = [...ofParts(seen), ...ofLag(seen), ...ofGauges(seen.gauges), ...whatWaits(seen)];
  return [...found.filter((one) => one.kind === "bad"), ...found.filter((one) => one.kind === "warn")];
}

function ofParts({ readiness, status, failed }: Seen): Finding[] {
  const found: Finding[] = [];
  if (failed !== null) found.push({ id: "web", kind: "bad", says: "web", remedy: "web", values: { reason: failed } });
  const part = (kind: "bad" | "warn", says: string) => (reason: [string, string]) =>
    found.push({
      id: `part ${reason[0]}`,
      kind,
      says,
      remedy: `part.${kindOf(reason[0])}`,
      values: { part: reason[0], reason: reason[1] },
    });
  Object.entries(readiness?.reasons ?? {}).forEach(part("bad", "part"));
  Object.entries(readiness?.degraded ?? {}).forEach(part("warn", "degraded"));
  const told = new Set(Object.keys(readiness?.reasons ?? {}));
  const away = Object.entries(status?.applications ?? {}).filter(
    ([name, one]) => !one.reachable && !told.has(`sql.${name}`),
  );
  for (const [name, one] of away)
    found.push({
      id: `part sql.${name}`,
      kind: "bad",
      says: "part",
      remedy: "part.sql",
      values: { part: `sql.${name}`, reason: one.reason ?? "" },
    });
  return found;
}

function ofLag({ status }: Seen): Finding[] {
  if (!status) return [];
  const found: Finding[] = [];
  for (const [application, lag] of Object.entries(status.applications)) {
    const seconds = lag.oldestSeconds ?? 0;
    if (seconds > LONG_SECONDS)
      found.push({
        id: `lag ${application}`,
        kind: "bad",
        says: "lag",
        remedy: "lag",
        values: { application },
        seconds,
      });
  }
  const behind = status.projectorLag ?? 0;
  if (behind > MANY_EVENTS)
    found.push({ id: "projector", kind: "warn", says: "projector", remedy: "projector", values: { n: behind } });
  for (const [queue, { messages }] of Object.entries(status.queues)) {
    if (queue.startsWith("engine.") && messages > MANY_COMMANDS)
      found.push({ id: queue, kind: "warn", says: "commands", remedy: "commands", values: { n: messages, queue } });
  }
  return found;
}

function ofGauges(gauges: Gauges): Finding[] {
  const found: Finding[] = [];
  const each = (name: string, above: number, make: (application: string, value: number) => Omit<Finding, "id">) => {
    for (const [application, value] of Object.entries(gauges[name] ?? {}))
      if (value > above) found.push({ id: `${name} ${application}`, ...make(application, value) });
  };
  each("timers_overdue_seconds", LONG_SECONDS, (application, seconds) => ({
    kind: "bad",
    says: "timers",
    remedy: "timers",
    values: { application },
    seconds,
  }));
  each("lanes_unheld", 0, (application, n) => ({
    kind: "warn",
    says: "lanes",
    remedy: "lanes",
    values: { application, n },
  }));
  each("received_waiting", MANY_EVENTS, (application, n) => ({
    kind: "warn",
    says: "received",
    remedy: "received",
    values: { application, n },
  }));
  return found;
}

function whatWaits({ status, gauges }: Seen): Finding[] {
  const waits: [string, number | null][] = [
    ["incidents", sum(gauges.incidents)],
    ["parked", parkedIn(status)],
    ["dead", status?.dead ?? null],
    ["notices", sum(gauges.notices_failed)],
  ];
  return waits.flatMap(([part, n]): Finding[] =>
    n ? [{ id: part, kind: "warn", says: part, remedy: part, values: { n }, part }] : [],
  );
}

export const parkedIn = (status: Status | null): number | null =>
  status && Object.values(status.applications).reduce((before, one) => before + (one.parked ?? 0), 0);
