import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import type { Activity } from "./shapes.ts";
import { byInstance, sorted, standOf } from "./stands.ts";

const activity = (element: string, more: Partial<Activity>): Activity => ({
  element,
  name: null,
  type: "userTask",
  since: null,
  taskId: null,
  calledInstanceId: null,
  incident: null,
  ...more,
});

test("what has stopped comes first, then what people do; a part that holds others is left out", () => {
  const found = [
    activity("clock", { type: "timer" }),
    activity("part", { type: "subProcess" }),
    activity("decide", { assignee: "ann" }),
    activity("bill", { type: "job", incident: "i" }),
  ].map(standOf);
  assert.deepEqual(
    sorted(found).map(({ element, kind }) => [element, kind]),
    [
      ["bill", "incident"],
      ["decide", "userTask"],
      ["clock", "timer"],
    ],
  );
});

test("who has it and who could take it are known, or nobody", () => {
  assert.equal(standOf(activity("a", { assignee: "ann" })).who, "ann");
  assert.deepEqual(standOf(activity("a", { candidateGroups: ["g"] })).groups, ["g"]);
  assert.deepEqual(standOf(activity("a", {})).groups, []);
});

test("tasks are put to their instances", () => {
  const task = (id: string, processInstanceId: string) =>
    ({ id, processInstanceId, candidateGroups: [] }) as unknown as Task;
  const found = byInstance([task("1", "x"), task("2", "y"), task("3", "x")]);
  assert.deepEqual(
    [...found].map(([id, stands]) => [id, stands.map((one) => one.taskId)]),
    [
      ["x", ["1", "3"]],
      ["y", ["2"]],
    ],
  );
});
