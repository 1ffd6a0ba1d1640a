// What the API tells operators.
import type { ProblemDocument } from "../api/shapes.ts";

export interface Lag {
  reachable: boolean;
  reason?: string;
  outbox?: number;
  oldestSeconds?: number;
  parked?: number;
}

export interface Status {
  applications: Record<string, Lag>;
  broker: { reachable: boolean; reason: string | null };
  queues: Record<string, { messages: number; consumers: number }>;
  projectorLag: number | null;
  dead: number | null;
}

/** How much waited, by kind and name, at each of these times; null where who was asked did not answer. */
export interface Past {
  now: string;
  everySeconds: number;
  times: string[];
  lag: Record<string, (number | null)[]>;
  outbox: Record<string, (number | null)[]>;
  queues: Record<string, (number | null)[]>;
}

export interface Readiness {
  ready: boolean;
  reasons?: Record<string, string>;
  degraded?: Record<string, string>;
}

/** Numbers of `/metrics` with at most one label: by name, then by the label's value. */
export type Gauges = Record<string, Record<string, number>>;

export interface FoundProblem extends ProblemDocument {
  element?: string;
  line?: number;
  warnings?: Warning[];
}

export interface Incident {
  id: string;
  application: string;
  processInstanceId: string;
  processDefinitionId: string;
  kind: string;
  element: string | null;
  problem: FoundProblem;
  tries: number;
  created: string;
  state: string;
  closed: string | null;
  operator: string | null;
}

export interface Parked {
  id: string;
  application: string;
  aggregate: string;
  aggregateId: string;
  reason: string;
  fingerprint: string;
  attempts: number;
  firstSeen: string;
  lastSeen: string;
  waiting: number;
  event?: string | null;
}

export interface DeadLetter {
  id: string;
  queue: string;
  reason: string | null;
  died: string | null;
  routingKey: string | null;
  application: string | null;
  aggregate: string | null;
  aggregateId: string | null;
  bytes: number;
  body?: string;
}

export interface UntoldNotice {
  id: string;
  state: string;
  kind: string;
  /** What happened, where it is about a change. */
  event: string | null;
  /** Null where an address is told. */
  user: string | null;
  taskId: string;
  since: string;
  ways: Way[];
}

export interface Way {
  way: string;
  tries: number;
  outcome: string | null;
  reason: string | null;
  next: string | null;
}

export interface Warning {
  element: string | null;
  line: number | null;
  text: string;
  remedy: string | null;
}

export interface Made {
  key?: string;
  name?: string | null;
  version?: number;
  definitionId?: string;
  [other: string]: unknown;
}

export interface Deployed {
  definitions: Made[];
  decisions: Made[];
  forms: Made[];
  warnings: Warning[];
}
