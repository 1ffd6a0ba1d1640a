// Narrowed lists in the address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, inMoments, readWanted, writeWanted } from "./wanted.ts";

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

test("days are asked for from where they begin to where the last one ends", () => {
  assert.deepEqual(inMoments({ user: "ann", from: "2026-03-28", until: "2026-03-29" }, "Europe/Zurich"), {
    user: "ann",
    from: "2026-03-27T23:00:00.000Z",
    until: "2026-03-29T22:00:00.000Z",
  });
  assert.deepEqual(inMoments({ from: "soon", until: "" }, "UTC"), {});
  const kept = { user: "ann", action: "task.assigned", from: "2026-03-28", until: "2026-03-29" };
  assert.deepEqual(readWanted(writeWanted(kept)), kept);
});
