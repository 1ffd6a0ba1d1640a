// Fingers that swipe, and fingers that scroll.
import assert from "node:assert/strict";
import { test } from "node:test";
import { swipeOf } from "./swipe_way.ts";

const both = ["claim", "defer"] as const;

test("down is scrolling, a little is nothing yet", () => {
  assert.equal(swipeOf(3, 40, both, false), "scrolls");
  assert.equal(swipeOf(5, 5, both, false), "undecided");
});

test("right claims and left defers, from far enough", () => {
  assert.deepEqual(swipeOf(40, 4, both, false), { to: "claim", way: null, shift: 40 });
  assert.deepEqual(swipeOf(100, 4, both, true), { to: "claim", way: "claim", shift: 100 });
  assert.deepEqual(swipeOf(-400, 4, both, true), { to: "defer", way: "defer", shift: -140 });
});

test("what is not allowed does not move", () => {
  assert.equal(swipeOf(60, 4, ["defer"], false), "scrolls");
  assert.deepEqual(swipeOf(60, 4, ["defer"], true), { to: "claim", way: null, shift: 0 });
});

test("a swipe that goes on may wander down", () => {
  assert.deepEqual(swipeOf(90, 200, both, true), { to: "claim", way: "claim", shift: 90 });
});
