import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, commonOf, OWN } from "./changes.ts";

// Another than the one below.
process.env.TZ = "Pacific/Honolulu";
const ZONE = "Europe/Zurich";
const first = { priority: 63, dueDate: "2026-03-28T23:30:00Z", candidateGroups: ["b", "a"] };
const second = { priority: 63, dueDate: null, candidateGroups: ["c"] };

test("what tasks have in common stands there, as the reader's clock shows it", () => {
  assert.deepEqual(commonOf([first], ZONE), { priority: "63", due: "2026-03-29T00:30", groups: "a, b" });
  assert.deepEqual(commonOf([first, second], ZONE), { priority: "63", due: OWN, groups: OWN });
  assert.deepEqual(commonOf([{ priority: null, dueDate: null, candidateGroups: [] }], ZONE), {
    priority: "",
    due: "",
    groups: "",
  });
});

test("what was not touched is not changed, whatever each of them has", () => {
  const before = commonOf([first, second], ZONE);
  assert.deepEqual(changesOf(before, before, ZONE), {});
  assert.deepEqual(changesOf(before, { ...before, priority: "88" }, ZONE), { priority: 88 });
  assert.deepEqual(changesOf(before, { ...before, priority: "", due: "" }, ZONE), { priority: null, dueDate: null });
});

test("a due date is meant in the reader's zone", () => {
  const before = commonOf([second], ZONE);
  const after = { ...before, due: "2026-03-29T08:00" };
  assert.deepEqual(changesOf(before, after, ZONE), { dueDate: "2026-03-29T06:00:00.000Z" });
});

test("groups are between commas", () => {
  const before = commonOf([first, second], ZONE);
  assert.deepEqual(changesOf(before, { ...before, groups: " c,, a b " }, ZONE), { candidateGroups: ["c", "a b"] });
  assert.deepEqual(changesOf(before, { ...before, groups: "" }, ZONE), { candidateGroups: [] });
});
