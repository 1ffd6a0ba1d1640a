// Keys one after the other, and what they mean.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Deed, Presses } from "./keys.ts";

const deed = (id: string, ...keys: string[]): Deed => ({ id, label: "close", group: "go", keys, run: () => {} });
const all = [deed("mine", "g m"), deed("group", "g g"), deed("next", "j", "ArrowDown"), deed("m", "m")];

function pressed(...steps: [string, number][]): string[] {
  const presses = new Presses();
  return steps.map(([key, at]) => {
    const found = presses.of(key, at, all);
    return found === "begun" ? "…" : (found?.id ?? "");
  });
}

test("two keys within a second are one", () => {
  assert.deepEqual(pressed(["g", 0], ["m", 900]), ["…", "mine"]);
  assert.deepEqual(pressed(["g", 0], ["g", 500]), ["…", "group"]);
});

test("the second alone is what it is alone", () => {
  assert.deepEqual(pressed(["g", 0], ["m", 1001]), ["…", "m"]);
  assert.deepEqual(pressed(["m", 0]), ["m"]);
});

test("what does not follow is taken for itself", () => {
  assert.deepEqual(pressed(["g", 0], ["j", 100], ["m", 200]), ["…", "next", "m"]);
  assert.deepEqual(pressed(["g", 0], ["q", 100], ["g", 200], ["m", 300]), ["…", "", "…", "mine"]);
});

test("a sequence that is over does not go on", () => {
  assert.deepEqual(pressed(["g", 0], ["m", 100], ["m", 200]), ["…", "mine", "m"]);
});

test("what cannot be done now begins nothing", () => {
  const presses = new Presses();
  const off = [{ ...deed("mine", "g m"), enabled: () => false }, deed("g", "g")];
  assert.equal((presses.of("g", 0, off) as Deed).id, "g");
});
