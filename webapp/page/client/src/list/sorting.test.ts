import assert from "node:assert/strict";
import { test } from "node:test";
import { clicked, readSort, writeSort } from "./sorting.ts";

test("a column is sorted by, turned round, and left again", () => {
  assert.equal(clicked("", "name"), "name");
  assert.equal(clicked("name", "name"), "-name");
  assert.equal(clicked("-name", "name"), "");
  assert.equal(clicked("name", "dueDate"), "dueDate");
});

test("what is greatest or newest comes first where that is wanted", () => {
  assert.equal(clicked("", "createTime"), "-createTime");
  assert.equal(clicked("-createTime", "createTime"), "createTime");
  assert.equal(clicked("createTime", "createTime"), "");
});

test("a second column is added, turned round, and taken away", () => {
  assert.equal(clicked("name", "priority", true), "name,-priority");
  assert.equal(clicked("name,-priority", "priority", true), "name,priority");
  assert.equal(clicked("name,priority", "priority", true), "name");
  assert.equal(clicked("name,priority", "name", true), "-name,priority");
  assert.equal(clicked("name,priority", "priority"), "-priority");
  assert.equal(clicked("a,b,c,d,e", "f", true), "a,b,c,d,f");
});

test("what is read is written back", () => {
  const sort = "-priority,payload.customer.city";
  assert.equal(writeSort(readSort(sort)), sort);
});
