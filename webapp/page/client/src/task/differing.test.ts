import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { differing } from "./differing.ts";

const task = (more: Partial<Task>) =>
  ({
    name: "Approve",
    dueDate: null,
    candidateGroups: ["approvers"],
    payload: { amount: 40, subject: "Chairs", lines: [1, 2] },
    formFields: [{ id: "amount", label: "Sum", type: "long" }],
    revision: 1,
    ...more,
  }) as Task;

test("what differs is told by its name, and as the form calls it", () => {
  const now = task({
    dueDate: "2026-11-30T00:00:00Z",
    payload: { amount: 77, lines: [1, 2], city: "Bern" },
    revision: 3,
  });
  assert.deepEqual(differing(task({}), now), { fields: ["dueDate"], data: ["Sum", "city", "subject"] });
});

test("what is the same, though read anew, does not", () => {
  const now = task({
    candidateGroups: ["approvers"],
    payload: { amount: 40, subject: "Chairs", lines: [1, 2] },
    revision: 2,
  });
  assert.deepEqual(differing(task({}), now), { fields: [], data: [] });
});
