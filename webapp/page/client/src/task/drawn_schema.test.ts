import assert from "node:assert/strict";
import { test } from "node:test";
import type { FormField } from "../api/shapes.ts";
import { accepted, beginning, type Component, isJsonSchema, variablesOf } from "./drawn_schema.ts";

const SCHEMA = {
  components: [
    { type: "text" },
    { type: "group", components: [{ type: "textfield", key: "name", label: "Name" }] },
    { type: "group", path: "address", components: [{ type: "textfield", key: "street" }] },
    { type: "textfield", key: "address.city" },
    { type: "dynamiclist", path: "guests", label: "Guests", components: [{ type: "textfield", key: "first" }] },
    { type: "expression", key: "sum" },
  ],
};
const field = (id: string, more = {}) => ({ id, type: "string", ...more }) as FormField;

test("a form fills in variables, whatever is drawn within them", () => {
  const found = variablesOf(SCHEMA, [field("name", { default: "Ann" })]);
  assert.deepEqual(
    found.map(({ id, label, default: begins }) => [id, label, begins]),
    [
      ["name", "Name", "Ann"],
      ["address", "address", null],
      ["guests", "Guests", null],
    ],
  );
});

test("a JSON Schema fills in its properties", () => {
  const schema = { $id: "f", properties: { name: { title: "Name" }, guests: { type: "array" } } } as Component;
  assert.equal(isJsonSchema(schema), true);
  assert.equal(isJsonSchema(SCHEMA), false);
  assert.deepEqual(
    variablesOf(schema, [field("name", { default: "Ann" })]).map(({ id, label, default: begins }) => [
      id,
      label,
      begins,
    ]),
    [
      ["name", "Name", "Ann"],
      ["guests", "guests", null],
    ],
  );
});

test("it begins with what is known, else with what the field says", () => {
  const fields = [field("a", { default: 1 }), field("b", { default: 2 }), field("c", { default: null })];
  assert.deepEqual(beginning(fields, { a: 0, d: 4 }), { a: 0, b: 2, d: 4 });
});

test("what cannot be changed and is nothing is not sent", () => {
  const fixed = { constraints: { readonly: true } };
  const asked = [field("a", fixed), field("b", fixed), field("c")];
  assert.deepEqual(accepted({ a: "", b: 0, c: "", d: null }, asked), { b: 0, c: "", d: null });
});
