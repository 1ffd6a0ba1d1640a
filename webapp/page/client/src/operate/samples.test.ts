// What the charts are made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GAP,
  HOUR,
  hasGaps,
  joined,
  linesThrough,
  type Point,
  pointsOf,
  type Sample,
  sampleOf,
  samplesOf,
} from "./samples.ts";

const one = (at: number, lag = 0): Sample => ({ at, lag: { a: lag }, outbox: { a: 1 }, queues: {} });
const times = (samples: Sample[]) => samples.map((sample) => sample.at);

test("an hour is kept, in order, and nothing older", () => {
  assert.deepEqual(times(joined([one(HOUR), one(1)], [one(HOUR + 2), one(7)])), [7, HOUR, HOUR + 2]);
  assert.deepEqual(joined([], []), []);
});

test("an application that does not answer has no number", () => {
  const status = {
    applications: { a: { reachable: false, reason: "away" }, b: { reachable: true, outbox: 3, oldestSeconds: 1.5 } },
    broker: { reachable: true, reason: null },
    queues: { "engine.b": { messages: 2, consumers: 1 } },
    projectorLag: 0,
    dead: 0,
  };
  assert.deepEqual(sampleOf(status, 9), { at: 9, lag: { b: 1.5 }, outbox: { b: 3 }, queues: { "engine.b": 2 } });
});

test("what the server has kept stands at the times of this clock, and what it does not know is no zero", () => {
  const past = {
    now: "2026-01-01T10:00:00.000Z",
    everySeconds: 20,
    times: ["2026-01-01T09:59:20.000Z", "2026-01-01T09:59:40.000Z"],
    lag: { a: [0.5, null] },
    outbox: { a: [0, null], b: [null, 4] },
    queues: {},
  };
  assert.deepEqual(samplesOf(past, 1_000_000), [
    { at: 960_000, lag: { a: 0.5 }, outbox: { a: 0 }, queues: {} },
    { at: 980_000, lag: {}, outbox: { b: 4 }, queues: {} },
  ]);
});

test("a line ends at the right, and an hour is as wide as the box", () => {
  assert.deepEqual(linesThrough([], 100, 10), []);
  const steps = [0, 40_000, 80_000].map((at, n): Point => [HOUR + at, [0, 4, 2][n]!]);
  assert.deepEqual(linesThrough(steps, 90, 10), ["88,10 89,0 90,5"]);
  assert.deepEqual(linesThrough([[0, 1], ...steps], 90, 10)[0], "-2,7.5 -2,7.5");
});

test("a line is broken where nobody looked or nobody answered, and goes to no zero there", () => {
  const broken: Point[] = [
    [0, 4],
    [20_000, null],
    [40_000, 4],
  ];
  assert.deepEqual(linesThrough(broken, 90, 10), ["89,0 89,0", "90,0 90,0"]);
  const apart = (length: number): Point[] => [
    [0, 4],
    [length, 4],
  ];
  assert.equal(linesThrough(apart(GAP), 90, 10).length, 1);
  assert.equal(linesThrough(apart(GAP + 1), 90, 10).length, 2);
  assert.deepEqual([broken, apart(GAP), apart(GAP + 1), [...apart(1), [2, null] as Point]].map(hasGaps), [
    true,
    false,
    true,
    true,
  ]);
});

test("points are those of one name, at every time", () => {
  assert.deepEqual(pointsOf([one(1, 3), { at: 2, lag: {}, outbox: {}, queues: {} }], "lag", "a"), [
    [1, 3],
    [2, null],
  ]);
});
