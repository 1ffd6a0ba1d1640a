// Narrowed lists in the address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, readWanted, writeWanted } from "./wanted.ts";

test("what is wanted is read as it was written", () => {
  const wanted = { application: "a b", state: "RUNNING", businessKey: "K=1" };
  assert.deepEqual(readWanted(writeWanted(wanted)), wanted);
  assert.deepEqual(writeWanted({ application: "" }), []);
  assert.deepEqual(readWanted(["task.x = 1", { and: [] }]), {});
});

test("a request names it", () => {
  assert.equal(asked({}), "");
  assert.equal(asked({ application: "a b" }, { q: "x" }), "?q=x&application=a+b");
});
