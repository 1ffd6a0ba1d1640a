import assert from "node:assert/strict";
import { test } from "node:test";
import { canUndo, toast, toasts, undo } from "./toasts.ts";

test("what was done last is taken back first, and only once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const undone: string[] = [];
  toast("first", "good", () => undone.push("first"));
  toast("second", "good", () => undone.push("second"));
  toast("no way back", "good", { label: "app.settings", run: () => assert.fail("it takes nothing back") });
  undo();
  undo();
  undo();
  assert.deepEqual([undone, canUndo()], [["second", "first"], false]);
  toast("third", "good", () => undone.push("third"));
  context.mock.timers.tick(10_000);
  assert.deepEqual([toasts.value, canUndo()], [[], false]);
});
