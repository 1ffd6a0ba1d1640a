import assert from "node:assert/strict";
import { test } from "node:test";
import { lookOf, lookSent, NO_LOOK } from "./look.ts";

test("a server that knows neither colour nor description is sent none", () => {
  assert.deepEqual(lookOf({}), NO_LOOK);
  assert.deepEqual(lookOf(null), NO_LOOK);
  assert.deepEqual(lookSent(NO_LOOK, lookOf({})), {});
  assert.deepEqual(lookSent({ description: "  ", color: null }, NO_LOOK), {});
});

test("what is there is sent, and what is taken away is said to be gone", () => {
  const set = { description: " What is late in Bern ", color: "red" } as const;
  assert.deepEqual(lookSent(set, NO_LOOK), { description: "What is late in Bern", color: "red" });
  assert.deepEqual(lookSent(NO_LOOK, set), { description: null, color: null });
});

test("a colour of a newer server is none here", () => {
  assert.equal(lookOf({ color: "teal" }).color, null);
  assert.equal(lookOf({ color: "blue" }).color, "blue");
});
