// What an operator is told first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { findings, kindOf, type Seen } from "./findings.ts";

const well = (): Seen => ({
  status: {
    applications: { a: { reachable: true, outbox: 0, oldestSeconds: 0, parked: 0 } },
    broker: { reachable: true, reason: null },
    queues: { "engine.a": { messages: 0, consumers: 1 } },
    projectorLag: 0,
    dead: 0,
  },
  readiness: { ready: true, reasons: {}, degraded: {} },
  gauges: { incidents: { a: 0 }, lanes_unheld: { a: 0 } },
  failed: null,
});

test("nothing is said of a system that is well", () => {
  assert.deepEqual(findings(well()), []);
  assert.deepEqual(findings({ status: null, readiness: null, gauges: {}, failed: null }), []);
});

test("what does not work comes before what only waits", () => {
  const seen = well();
  seen.gauges = { incidents: { a: 2 }, timers_overdue_seconds: { a: 90 } };
  seen.readiness = { ready: false, reasons: { "engine.a": "no sign of life" }, degraded: { redis: "away" } };
  assert.deepEqual(
    findings(seen).map((one) => [one.kind, one.id, one.remedy]),
    [
      ["bad", "part engine.a", "part.engine"],
      ["bad", "timers_overdue_seconds a", "timers"],
      ["warn", "part redis", "part.redis"],
      ["warn", "incidents", "incidents"],
    ],
  );
});

test("notices that were given up are told, where there is somebody to tell", () => {
  const seen = well();
  seen.gauges.notices_failed = { "": 3 };
  assert.deepEqual(
    findings(seen).map((one) => [one.kind, one.says, one.remedy, one.part, one.values]),
    [["warn", "notices", "notices", "notices", { n: 3 }]],
  );
});

test("a store that is away is told once", () => {
  const seen = well();
  seen.status!.applications.a = { reachable: false, reason: "locked" };
  assert.deepEqual(
    findings(seen).map((one) => one.id),
    ["part sql.a"],
  );
  seen.readiness!.reasons = { "sql.a": "locked" };
  assert.equal(findings(seen).length, 1);
});

test("events that wait long, and commands that pile up", () => {
  const seen = well();
  seen.status!.applications.a!.oldestSeconds = 61;
  seen.status!.queues["engine.a"]!.messages = 51;
  seen.status!.projectorLag = 1001;
  assert.deepEqual(
    findings(seen).map((one) => one.says),
    ["lag", "projector", "commands"],
  );
});

test("parts have the remedy of their kind", () => {
  assert.equal(kindOf("publisher.a.b"), "publisher");
  assert.equal(kindOf("mongodb"), "mongodb");
  assert.equal(kindOf("hub.x"), "other");
  assert.equal(kindOf("something"), "other");
});
