// What the charts are made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { added, HOUR, linesThrough, pointsOf, readSamples, type Sample, sampleOf } from "./samples.ts";

const one = (at: number, lag = 0): Sample => ({ at, lag: { a: lag }, outbox: { a: 1 }, queue: {} });

test("an hour is kept, and nothing older", () => {
  const kept = added([one(1), one(HOUR)], one(HOUR + 2));
  assert.deepEqual(
    kept.map((sample) => sample.at),
    [HOUR, HOUR + 2],
  );
});

test("an application that does not answer has no number", () => {
  const status = {
    applications: { a: { reachable: false, reason: "away" }, b: { reachable: true, outbox: 3, oldestSeconds: 1.5 } },
    broker: { reachable: true, reason: null },
    queues: { "engine.b": { messages: 2, consumers: 1 } },
    projectorLag: 0,
    dead: 0,
  };
  assert.deepEqual(sampleOf(status, 9), { at: 9, lag: { b: 1.5 }, outbox: { b: 3 }, queue: { "engine.b": 2 } });
});

test("what cannot be read is left out", () => {
  assert.deepEqual(readSamples("{", 5), []);
  assert.deepEqual(readSamples(null, 5), []);
  assert.deepEqual(readSamples('[{"at":4},3]', 5), []);
  assert.deepEqual(readSamples(JSON.stringify([one(4), one(6)]), 5), [one(4)]);
});

test("a line ends at the right, and stops where nobody looked", () => {
  assert.deepEqual(linesThrough([], 100, 10), []);
  assert.deepEqual(linesThrough([[0, 0]], 100, 10), ["100,10"]);
  assert.deepEqual(
    linesThrough(
      [
        [0, 0],
        [60_000, 4],
        [120_000, 2],
      ],
      100,
      10,
      61_000,
    ),
    ["0,10 50,0 100,5"],
  );
  assert.equal(
    linesThrough(
      [
        [0, 0],
        [120_000, 2],
      ],
      100,
      10,
    ).length,
    2,
  );
});

test("points are those of one name", () => {
  assert.deepEqual(pointsOf([one(1, 3), { at: 2, lag: {}, outbox: {}, queue: {} }], "lag", "a"), [[1, 3]]);
});
