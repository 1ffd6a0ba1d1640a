// Which variables are sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { differences, isEmpty, readVariables } from "./differences.ts";

test("only what is changed is sent", () => {
  const before = { amount: 5, city: "Bern", list: [1, { a: 2 }], old: null };
  const after = { amount: 6, city: "Bern", list: [1, { a: 2 }], new: false };
  assert.deepEqual(differences(before, after), { variables: { amount: 6, new: false }, removed: ["old"] });
  assert.ok(isEmpty(differences(before, structuredClone(before))));
});

test("lists and objects differ by what is in them", () => {
  assert.deepEqual(differences({ a: [] }, { a: {} }).variables, { a: {} });
  assert.deepEqual(differences({ a: { b: 1 } }, { a: { c: 1 } }).variables, { a: { c: 1 } });
  assert.deepEqual(differences({ a: null }, { a: 0 }).variables, { a: 0 });
});

test("what is no object is refused", () => {
  assert.deepEqual(readVariables("  "), {});
  assert.throws(() => readVariables("[1]"), TypeError);
  assert.throws(() => readVariables("null"), TypeError);
  assert.throws(() => readVariables("{a:1}"), SyntaxError);
});
