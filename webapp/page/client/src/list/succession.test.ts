import assert from "node:assert/strict";
import { test } from "node:test";
import { successor } from "./succession.ts";

const before = ["a", "b", "c", "d"];

test("the next follows one that has gone, at the end the one before", () => {
  assert.equal(successor(before, new Set(["a", "c", "d"]), "b"), "c");
  assert.equal(successor(before, new Set(["a", "d"]), "b"), "d");
  assert.equal(successor(before, new Set(["a", "b"]), "d"), "b");
  assert.equal(successor(before, new Set(), "b"), null);
  assert.equal(successor(before, new Set(before), "z"), null);
});
