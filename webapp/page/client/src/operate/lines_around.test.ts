// The lines around a mistake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { linesAround } from "./lines_around.ts";

test("a line is shown with those beside it", () => {
  assert.deepEqual(linesAround("a\nb\r\nc\nd", 1), [
    [1, "a"],
    [2, "b"],
    [3, "c"],
  ]);
  assert.deepEqual(linesAround("a\nb\nc\nd", 4), [
    [2, "b"],
    [3, "c"],
    [4, "d"],
  ]);
  assert.deepEqual(linesAround("", 3), []);
  assert.deepEqual(linesAround("a", 9), []);
});
