import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { beginRange, between, chooseNone, chooseRange, chosen, keepChosen, toggleChosen } from "./selection.ts";

const order = ["a", "b", "c", "d", "e"];
const now = () => [...chosen.value].sort().join("");

beforeEach(chooseNone);

test("a range grows and shrinks again, and leaves what was chosen before it", () => {
  toggleChosen("a");
  beginRange("c");
  chooseRange(order, "c", "d");
  chooseRange(order, "d", "e");
  assert.equal(now(), "acde");
  chooseRange(order, "e", "d");
  assert.equal(now(), "acd");
  chooseRange(order, "d", "b");
  assert.equal(now(), "abc");
});

test("a range begins where one is when nothing was chosen", () => {
  chooseRange(order, "b", "c");
  assert.equal(now(), "bc");
});

test("a range goes both ways, and nowhere when its end is unknown", () => {
  assert.deepEqual(between(order, "d", "b"), ["b", "c", "d"]);
  assert.deepEqual(between(order, "d", "z"), []);
});

test("what has gone is chosen no more", () => {
  toggleChosen("a");
  toggleChosen("b");
  keepChosen(new Set(["b", "c"]));
  assert.equal(now(), "b");
});
