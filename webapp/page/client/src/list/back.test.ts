import assert from "node:assert/strict";
import { test } from "node:test";
import { stepsBack } from "./back.ts";

const task = (id: string, more = {}) => ({
  id,
  assignee: null,
  followUpDate: null,
  priority: 50,
  dueDate: null,
  ...more,
});
const said = (steps: ReturnType<typeof stepsBack>) =>
  steps.map(({ action, body, tasks }) => [action, body, tasks.map(({ id }) => id)]);

test("who had them has them again", () => {
  const tasks = [task("a", { assignee: "x" }), task("b"), task("c", { assignee: "x" })];
  assert.deepEqual(said(stepsBack("assign", tasks)), [
    ["assign", { assignee: "x" }, ["a", "c"]],
    ["assign", { assignee: null }, ["b"]],
  ]);
});

test("how urgent they were and when they were due", () => {
  const tasks = [task("a"), task("b", { priority: 80 }), task("c", { dueDate: "2026-12-01T00:00:00Z" })];
  assert.deepEqual(said(stepsBack("change", tasks)), [
    ["change", { priority: 50, dueDate: null }, ["a"]],
    ["change", { priority: 80, dueDate: null }, ["b"]],
    ["change", { priority: 50, dueDate: "2026-12-01T00:00:00Z" }, ["c"]],
  ]);
});

test("deferred ones come back, at once or when they were to", () => {
  assert.deepEqual(said(stepsBack("defer", [task("a"), task("b")])), [["undefer", {}, ["a", "b"]]]);
  const [past, later] = ["2020-12-01T00:00:00Z", "2999-12-01T00:00:00Z"];
  const tasks = [task("a", { followUpDate: later }), task("b", { followUpDate: past }), task("c")];
  assert.deepEqual(said(stepsBack("defer", tasks)), [
    ["undefer", {}, ["b", "c"]],
    ["defer", { followUpDate: later }, ["a"]],
  ]);
});

test("there is no way back from completing, nor from giving back", () => {
  for (const action of ["complete", "unclaim", "comment"] as const) {
    assert.deepEqual(stepsBack(action, [task("a")]), []);
  }
  assert.deepEqual(said(stepsBack("claim", [task("a")])), [["unclaim", {}, ["a"]]]);
});
