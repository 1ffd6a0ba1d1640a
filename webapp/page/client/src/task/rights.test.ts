import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { byRecent } from "./person.ts";
import { mayAssign, mayDefer, mayOffer, mayWorkOn } from "./rights.ts";

const task = (more: Partial<Task>) =>
  ({ assignee: null, candidateUsers: [], candidateGroups: [], excludedUsers: [], ...more }) as unknown as Task;
const reader = (more: object = {}) => ({
  user: "ann",
  groups: ["approvers"],
  isOperator: false,
  assigners: [] as string[],
  ...more,
});

test("who may work on a task are its assignee and those it is offered to", () => {
  assert.equal(mayWorkOn(task({}), reader()), false);
  assert.equal(mayWorkOn(task({ assignee: "ann" }), reader()), true);
  assert.equal(mayWorkOn(task({ candidateUsers: ["ann"] }), reader()), true);
  assert.equal(mayWorkOn(task({ candidateGroups: ["approvers"] }), reader()), true);
  assert.equal(mayWorkOn(task({}), reader({ isOperator: true })), false);
});

test("operators assign and defer what is not theirs", () => {
  assert.equal(mayAssign(task({ assignee: "bob" }), reader({ isOperator: true })), true);
  assert.equal(mayAssign(task({ assignee: "bob" }), reader()), false);
  assert.equal(mayDefer(task({ assignee: "bob" }), reader()), false);
  assert.equal(mayDefer(task({}), reader()), true);
});

test("where only some may assign, others only hand on what they have", () => {
  const only = { assigners: ["leads"] };
  const offered = task({ candidateGroups: ["approvers"] });
  assert.equal(mayAssign(offered, reader()), true);
  assert.equal(mayAssign(offered, reader(only)), false);
  assert.equal(mayAssign(offered, reader({ ...only, groups: ["leads"] })), true);
  assert.equal(mayAssign(task({ assignee: "ann" }), reader(only)), true);
  assert.equal(mayAssign(task({ assignee: "bob" }), reader({ ...only, isOperator: true })), true);
  assert.deepEqual(
    [reader(), reader(only), reader({ ...only, groups: ["leads"] }), reader({ isOperator: true })].map(mayOffer),
    [false, false, true, true],
  );
});

test("those chosen of late are first, the others by name", () => {
  const people = ["a", "b", "c"].map((username) => ({ username, groups: [] }));
  assert.deepEqual(
    byRecent(people, ["c", "x"]).map(({ username }) => username),
    ["c", "a", "b"],
  );
});
