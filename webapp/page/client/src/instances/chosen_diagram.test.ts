import assert from "node:assert/strict";
import { test } from "node:test";
import { diagramOf } from "./chosen_diagram.ts";

const own = { id: "d1", plane: { bpmnElement: { id: "pay" } } };
const both = { id: "d2", plane: { bpmnElement: { id: "c", participants: [{}, { processRef: { id: "order" } }] } } };

test("a process is shown by its own picture, or that of what it takes part in", () => {
  assert.equal(diagramOf([own, both], "pay"), own);
  assert.equal(diagramOf([own, both], "order"), both);
});

test("where neither shows it, the first does", () => {
  assert.equal(diagramOf([own, both], null), own);
  assert.equal(diagramOf([{ id: "d3" }, own], "else")?.id, "d3");
  assert.equal(diagramOf([], "pay"), undefined);
});
