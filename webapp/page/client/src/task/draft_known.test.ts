import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { draftAfter } from "./draft_known.ts";

const task = (revision: number, assignee: string | null, draft?: Task["draft"]) =>
  ({ revision, assignee, ...(draft === undefined ? {} : { draft }) }) as unknown as Task;
const kept = { time: "2026-01-01T08:00:00Z" };

test("that there was no draft stays true when one claims it here", () => {
  assert.equal(draftAfter(task(1, null, null), task(2, "ann"), "ann", true), null);
  assert.equal(draftAfter(task(1, null, null), task(2, null), "ann", false), null);
  assert.equal(draftAfter(task(1, null, null), task(1, null), "ann", false), null);
  assert.deepEqual(draftAfter(task(1, null, kept), task(2, "ann"), "ann", true), kept);
});

test("it is not known any more where one may have been made on another device", () => {
  assert.equal(draftAfter(task(1, null, null), task(2, "ann"), "ann", false), undefined);
  assert.equal(draftAfter(task(1, null, null), task(4, "ann"), "ann", true), undefined);
  assert.equal(draftAfter(task(1, null, null), task(3, null), "ann", false), undefined);
  assert.equal(draftAfter(task(2, "ann", null), task(3, null), "ann", true), undefined);
});

test("what the task itself says counts", () => {
  assert.deepEqual(draftAfter(task(1, null), task(5, "ann", kept), "ann", false), kept);
});
