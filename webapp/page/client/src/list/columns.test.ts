import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { areColumns, firstColumns, moved, pathsOf, within } from "./columns.ts";

test("a column moves, not beyond the ends", () => {
  assert.deepEqual(moved(["a", "b", "c"], "a", 1), ["b", "a", "c"]);
  assert.deepEqual(moved(["a", "b", "c"], "c", -1), ["a", "c", "b"]);
  assert.deepEqual(moved(["a", "b", "c"], "a", -1), ["a", "b", "c"]);
  assert.deepEqual(moved(["a", "b"], "z", 1), ["a", "b"]);
});

test("a choice without the name is none", () => {
  assert.equal(areColumns(["name", "payload.amount"]), true);
  assert.equal(areColumns(["dueDate"]), false);
  assert.equal(areColumns("name"), false);
});

test("plain values in data are columns one can have, through lists, not too deep", () => {
  const task = (payload: object) => ({ payload }) as Task;
  const found = pathsOf([
    task({ amount: 3, customer: { city: "Bern", none: null } }),
    task({ lines: [{ article: "A" }], a: { b: { c: { d: { e: 1 } } } } }),
  ]);
  assert.deepEqual(found, ["payload.amount", "payload.customer.city", "payload.lines.article"]);
});

test("what is deferred shows when it comes back", () => {
  for (const wide of [false, true]) {
    assert.ok(firstColumns(wide, true).includes("followUpDate"));
    assert.equal(firstColumns(wide, true).length, firstColumns(wide).length);
  }
});

test("a width has bounds", () => {
  assert.equal(within(3), 48);
  assert.equal(within(120.4), 120);
});
