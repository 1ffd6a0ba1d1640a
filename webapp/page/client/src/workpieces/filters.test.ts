import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenOf, plainFilters, replaced } from "./filters.ts";

const TYPE = ["data.type", "data.entryType"];

test("a choice is read back from the filters of an address", () => {
  const filters = ["amount > 3", { or: ["a = 1"] }, 'data.entryType = "a \\"b\\""'];
  assert.deepEqual(chosenOf(filters, TYPE), { filter: filters[2], value: 'a "b"' });
  assert.equal(chosenOf(["data.typed = 1"], TYPE), null);
  assert.deepEqual(plainFilters(filters), [filters[0], filters[2]]);
});

test("a choice takes the place of the one before, and leaves the others", () => {
  const filters = ['data.type = "x"', "amount > 3"];
  assert.deepEqual(replaced(filters, TYPE, 'data.entryType = "y"'), ["amount > 3", 'data.entryType = "y"']);
  assert.deepEqual(replaced(filters, TYPE, ""), ["amount > 3"]);
});
