import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { byRecent } from "./person.ts";
import { mayAssign, mayDefer, mayDelegate, mayOffer, mayTakeBack, mayWorkOn } from "./rights.ts";

const task = (more: Partial<Task>) =>
  ({
    assignee: null,
    owner: null,
    candidateUsers: [],
    candidateGroups: [],
    excludedUsers: [],
    ...more,
  }) as unknown as Task;
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

test("who has it delegates it, unless it was delegated to them", () => {
  const mine = { assignee: "ann" };
  assert.equal(mayDelegate(task(mine), reader()), true);
  assert.equal(mayDelegate(task({ assignee: "bob" }), reader()), false);
  assert.equal(mayDelegate(task({ ...mine, suspended: true }), reader()), false);
  assert.equal(mayDelegate(task({ ...mine, owner: "bob", delegationState: "PENDING" }), reader()), false);
  assert.equal(mayDelegate(task({ ...mine, owner: "bob", delegationState: "RESOLVED" }), reader()), true);
});

test("it is taken back by who could be given it, and owns it", () => {
  const offered = { assignee: "ann", candidateGroups: ["approvers"] };
  assert.equal(mayTakeBack(task(offered), reader()), true);
  assert.equal(mayTakeBack(task({ ...offered, owner: "ann" }), reader()), true);
  // Given back to who only has it, it would be delegated to them by its owner.
  assert.equal(mayTakeBack(task({ ...offered, owner: "bob" }), reader()), false);
  // Who was only assigned it has no right to it any more.
  assert.equal(mayTakeBack(task({ assignee: "ann" }), reader()), false);
  assert.equal(mayTakeBack(task(offered), reader({ assigners: ["leads"] })), false);
  assert.equal(mayTakeBack(task({ assignee: "bob" }), reader({ isOperator: true })), true);
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
