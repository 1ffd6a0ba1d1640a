import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { inOrder, Places, valueAt } from "./order.ts";

const task = (id: string, more: object): Task => ({ id, priority: null, dueDate: null, name: null, ...more }) as Task;
const ids = (tasks: Task[]) => tasks.map((one) => one.id).join(" ");

test("the most urgent come first, what has none last, ids break ties", () => {
  const found = [
    task("d", {}),
    task("c", { priority: 50 }),
    task("b", { priority: 50, dueDate: "2026-01-02" }),
    task("a", { priority: 90 }),
    task("e", { priority: 50, dueDate: "2026-01-01" }),
  ];
  assert.equal(ids(inOrder(found, null)), "a e b c d");
});

test("descending keeps what is missing last", () => {
  const found = [task("a", { name: "alpha" }), task("b", {}), task("c", { name: "Beta" })];
  assert.equal(ids(inOrder(found, "name")), "a c b");
  assert.equal(ids(inOrder(found, "-name")), "c a b");
});

test("a path leads into the payload, through lists", () => {
  const found = task("a", { payload: { lines: [{ amount: 3 }], city: "Bern" } });
  assert.equal(valueAt(found, "payload.lines.amount"), 3);
  assert.equal(valueAt(found, "payload.nothing.there"), undefined);
  const other = task("b", { payload: { city: "aachen" } });
  assert.equal(ids(inOrder([found, other], "payload.city")), "b a");
});

test("while a list is read what changes keeps its place, and what comes gets its own", () => {
  const places = new Places();
  const first = [task("a", { priority: 90 }), task("b", { priority: 50 }), task("c", { priority: 10 })];
  assert.equal(ids(places.inOrder(first, null, false)), "a b c");
  const changed = [task("a", { priority: 1 }), first[1]!, first[2]!, task("d", { priority: 60 })];
  assert.equal(ids(places.inOrder(changed, null, true)), "a d b c");
  assert.equal(places.inOrder(changed, null, true)[0]!.priority, 1);
  assert.equal(ids(places.inOrder(changed.slice(0, 3), null, true)), "a b c");
  assert.equal(ids(places.inOrder(changed, null, false)), "d b c a");
});
