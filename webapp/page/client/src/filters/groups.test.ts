import assert from "node:assert/strict";
import { test } from "node:test";
import { csvOf, csvValue } from "./csv.ts";
import { asTexts, chosenOf, toggled, without } from "./facet_filters.ts";
import { chipNumber, flat, joined, parted, replaced } from "./groups.ts";

test("filters are joined by or, and parted again", () => {
  const both = joined(["a = 1", "b = 2", "c = 3"], 0);
  assert.deepEqual(both, [{ or: ["a = 1", "b = 2"] }, "c = 3"]);
  const three = joined(both, 0);
  assert.deepEqual(three, [{ or: ["a = 1", "b = 2", "c = 3"] }]);
  assert.deepEqual(parted(three, { index: 0, member: 0 }), ["a = 1", { or: ["b = 2", "c = 3"] }]);
  assert.deepEqual(parted(both, { index: 0, member: 0 }), ["a = 1", "b = 2", "c = 3"]);
});

test("a chip is taken away or replaced where it stands", () => {
  const filters = ["x = 0", { or: ["a = 1", "b = 2"] }];
  assert.deepEqual(replaced(filters, { index: 1, member: 0 }, []), ["x = 0", "b = 2"]);
  assert.deepEqual(replaced(filters, { index: 1, member: 1 }, ["c = 3"]), ["x = 0", { or: ["a = 1", "c = 3"] }]);
  assert.deepEqual(replaced(filters, { index: 0, member: 0 }, []), [{ or: ["a = 1", "b = 2"] }]);
  assert.equal(chipNumber(filters, { index: 1, member: 1 }), 2);
  assert.deepEqual(flat([{ and: ["a = 1", { and: ["b = 2"] }] }, "c = 3"]), ["a = 1", "b = 2", "c = 3"]);
});

test("a counted value is added to those asked for, and taken away", () => {
  const one = toggled(["a = 1"], "task.application", "warehouse");
  assert.deepEqual(one, ["a = 1", "task.application = warehouse"]);
  const two = toggled(one, "task.application", null);
  assert.deepEqual(chosenOf(two, "task.application"), new Set(["warehouse", null]));
  assert.deepEqual(toggled(toggled(two, "task.application", null), "task.application", "warehouse"), ["a = 1"]);
  assert.deepEqual(without(two, "task.application"), ["a = 1"]);
  assert.deepEqual([...chosenOf(toggled([], "task.name", "null"), "task.name")], ["null"]);
});

test("counting takes texts: of groups those that one text can say", () => {
  assert.deepEqual(asTexts([{ or: ["a = 1", "a in (2, 3)"] }, { not: "b = 2" }, { and: ["c > 1"] }]), [
    "a in (1, 2, 3)",
    "b != 2",
    "c > 1",
  ]);
  assert.equal(asTexts([{ or: ["a = 1", "b = 1"] }]), null);
  assert.equal(asTexts([{ not: { or: ["a = 1"] } }]), null);
});

test("a spreadsheet calculates nothing", () => {
  assert.equal(csvValue("=1+1"), "'=1+1");
  assert.equal(csvValue('@a"b'), `"'@a""b"`);
  assert.equal(csvValue(-3), "-3");
  assert.equal(csvValue("-3"), "'-3");
  assert.equal(csvOf([["a,b", null, 3]]), '\uFEFF"a,b",,3\r\n');
});
