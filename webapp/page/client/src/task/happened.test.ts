import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryLine, Values } from "../api/shapes.ts";
import { happened } from "./happened.ts";

const line = (kind: string, changes: Values | null = null) =>
  happened({ type: `task.${kind}`, changes, by: null } as HistoryLine, "ann");
const done = (by: string, kind: string, changes: Values | null = null, before: string | null = null) =>
  happened({ type: `task.${kind}`, changes, by } as HistoryLine, "ann", before);

test("every kind has a sentence of its own", () => {
  const cases: [string, Values | null, string][] = [
    ["created", {}, "event.created"],
    ["assigned", { assignee: "bob" }, "event.assigned"],
    ["assigned", { assignee: "ann" }, "event.taken"],
    ["assigned", { assignee: null }, "event.given_back"],
    ["attributes_changed", { followUpDate: "2026-01-01T08:00:00Z" }, "event.deferred"],
    ["attributes_changed", { followUpDate: null }, "event.brought_back"],
    ["attributes_changed", { priority: 5 }, "event.attributes_changed"],
    ["attributes_changed", { suspended: true }, "event.suspended"],
    ["attributes_changed", { suspended: false }, "event.resumed"],
    ["attributes_changed", { suspended: true, priority: 5 }, "event.attributes_changed"],
    ["attributes_changed", { owner: "ann", delegationState: "PENDING" }, "event.delegated"],
    ["attributes_changed", { delegationState: "RESOLVED" }, "event.resolved"],
    ["attributes_changed", { delegationState: null }, "event.attributes_changed"],
    ["attributes_changed", { payload: { a: 1 } }, "event.data_changed"],
    ["candidates_changed", { addGroups: ["g"] }, "event.offered"],
    ["candidates_changed", { removeUsers: ["u"] }, "event.withdrawn"],
    ["candidates_changed", { addUsers: ["u"], removeGroups: ["g"] }, "event.offered_instead"],
    ["candidates_changed", {}, "event.candidates_changed"],
    ["migrated", { processDefinitionId: "p:2" }, "event.migrated"],
    ["completed", null, "event.completed"],
    ["deleted", { reason: "moot" }, "event.deleted_because"],
    ["deleted", { reason: null }, "event.deleted"],
    ["restated", {}, "event.restated"],
    ["commented", { user: "bob", text: "Hm" }, "by.commented"],
    ["unheard_of", { a: 1 }, "event.other"],
  ];
  for (const [kind, changes, sentence] of cases) assert.equal(line(kind, changes).sentence, sentence, kind);
});

test("what the sentence does not say is said by field", () => {
  const found = line("attributes_changed", { dueDate: null, priority: 5, payload: { a: 1 }, correlations: [] });
  assert.deepEqual(found.fields, [
    ["dueDate", null],
    ["priority", 5],
  ]);
  assert.deepEqual(found.payload, { a: 1 });
  assert.equal(line("commented", { user: "bob", text: "Hm" }).text, "Hm");
});

test("whoever did it is said where it is known", () => {
  const cases: [string, string, Values | null, string][] = [
    ["bob", "assigned", { assignee: "bob" }, "by.taken"],
    ["ann", "assigned", { assignee: "ann" }, "by.taken"],
    ["bob", "assigned", { assignee: "cem" }, "by.assigned"],
    ["bob", "assigned", { assignee: "ann" }, "by.assigned_you"],
    ["bob", "attributes_changed", { dueDate: "2026-01-01T08:00:00Z" }, "by.due"],
    ["bob", "attributes_changed", { dueDate: null }, "by.no_due"],
    ["bob", "attributes_changed", { dueDate: null, priority: 5 }, "by.attributes_changed"],
    ["bob", "attributes_changed", { owner: "bob", delegationState: "PENDING" }, "by.delegated"],
    ["bob", "attributes_changed", { suspended: true }, "by.suspended"],
    ["bob", "attributes_changed", { priority: 5 }, "by.attributes_changed"],
    ["bob", "attributes_changed", { followUpDate: "2026-01-01T08:00:00Z" }, "by.deferred"],
    ["bob", "attributes_changed", { followUpDate: null }, "by.brought_back"],
    ["bob", "attributes_changed", { payload: { a: 1 } }, "by.data_changed"],
    ["bob", "completed", { completedBy: "bob" }, "by.completed"],
    ["bob", "deleted", { reason: "moot" }, "by.deleted_because"],
    ["bob", "commented", { user: "bob", text: "Hm" }, "by.commented"],
    ["bob", "candidates_changed", { addGroups: ["g"] }, "event.offered"],
  ];
  for (const [by, kind, changes, sentence] of cases) {
    const found = done(by, kind, changes);
    assert.deepEqual([found.sentence, found.by], [sentence, by], kind);
  }
  const due = done("bob", "attributes_changed", { dueDate: "2026-01-01T08:00:00Z" });
  assert.deepEqual([due.when, due.fields], ["2026-01-01T08:00:00Z", []]);
});

test("who had it gives it back; somebody else assigns it to nobody", () => {
  assert.equal(done("bob", "assigned", { assignee: null }, "bob").sentence, "by.given_back");
  assert.equal(done("lead", "assigned", { assignee: null }, "bob").sentence, "by.to_nobody");
});
