import assert from "node:assert/strict";
import { test } from "node:test";
import { type Part, partAt, propertiesOf, resolved, withTypes } from "./schema_parts.ts";

const ROOT: Part = {
  properties: { a: { $ref: "#/$defs/x~1y", title: "Here" }, b: {} },
  allOf: [{ properties: { c: { title: "C" } } }, { $ref: "#/$defs/more" }],
  if: { properties: { b: { const: 1 } } },
  // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
  then: { properties: { d: {} } },
  dependentSchemas: { b: { properties: { e: {} } } },
  $defs: { "x/y": { type: "string", title: "There" }, more: { anyOf: [{ properties: { f: {} } }, false] } },
};

test("a reference leads to what it names, and what is told beside it counts", () => {
  assert.deepEqual(resolved(ROOT, partAt(ROOT, ["properties", "a"])), { type: "string", title: "Here" });
  assert.equal(partAt(ROOT, ["properties", "a", "$ref", "type"]), "string");
  assert.equal(partAt(ROOT, ["properties", "z", "type"]), undefined);
});

test("all properties of the same object are found, whichever counts", () => {
  assert.deepEqual([...propertiesOf(ROOT).keys()], ["a", "b", "c", "f", "d", "e"]);
  assert.deepEqual(propertiesOf(ROOT).get("c"), [{ title: "C" }]);
  assert.deepEqual(propertiesOf(ROOT).get("b"), [{}, { const: 1 }]);
});

test("a choice of constants has their type", () => {
  const choice = { oneOf: [{ const: "s" }, { const: "d" }] };
  assert.deepEqual(withTypes({ properties: { a: choice } }), { properties: { a: { ...choice, type: "string" } } });
  assert.deepEqual(withTypes({ oneOf: [{ const: 1 }, { const: "d" }] }), { oneOf: [{ const: 1 }, { const: "d" }] });
  assert.deepEqual(withTypes({ oneOf: [{ type: "string" }] }), { oneOf: [{ type: "string" }] });
});
