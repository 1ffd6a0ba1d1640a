import assert from "node:assert/strict";
import { test } from "node:test";
import type { HistoryLine, Values } from "../api/shapes.ts";
import { happened } from "./happened.ts";

const line = (kind: string, changes: Values | null = null) =>
  happened({ type: `task.${kind}`, changes } as HistoryLine, "ann");

test("every kind has a sentence of its own", () => {
  const cases: [string, Values | null, string][] = [
    ["created", {}, "event.created"],
    ["assigned", { assignee: "bob" }, "event.assigned"],
    ["assigned", { assignee: "ann" }, "event.taken"],
    ["assigned", { assignee: null }, "event.given_back"],
    ["attributes_changed", { followUpDate: "2026-01-01T08:00:00Z" }, "event.deferred"],
    ["attributes_changed", { followUpDate: null }, "event.brought_back"],
    ["attributes_changed", { priority: 5 }, "event.attributes_changed"],
    ["attributes_changed", { payload: { a: 1 } }, "event.data_changed"],
    ["candidates_changed", { addGroups: ["g"] }, "event.offered"],
    ["candidates_changed", { removeUsers: ["u"] }, "event.withdrawn"],
    ["candidates_changed", { addUsers: ["u"], removeGroups: ["g"] }, "event.offered_instead"],
    ["candidates_changed", {}, "event.candidates_changed"],
    ["migrated", { processDefinitionId: "p:2" }, "event.migrated"],
    ["completed", { completedBy: "bob" }, "event.completed_by"],
    ["completed", null, "event.completed"],
    ["deleted", { reason: "moot" }, "event.deleted_because"],
    ["deleted", { reason: null }, "event.deleted"],
    ["restated", {}, "event.restated"],
    ["commented", { user: "bob", text: "Hm" }, "event.commented_by"],
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
