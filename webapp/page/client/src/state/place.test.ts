import assert from "node:assert/strict";
import { test } from "node:test";
import { questionOf, readPlace, writePlace } from "./place.ts";

test("an address says all that is asked, and is read back", () => {
  const filters = ["customer.city = Bern", { or: ["task.priority >= 50", "amount > 3"] }];
  const found = { ...readPlace("?tab=group"), q: "two words", filters, sort: "-name", deferred: true, task: "t/1" };
  assert.deepEqual(readPlace(writePlace(found)), found);
});

test("what an address says and cannot be read is left out", () => {
  const found = readPlace("?tab=nothing&filter={&filter=&filter=a = 1");
  assert.equal(found.tab, "mine");
  assert.deepEqual(found.filters, ["a = 1"]);
});

test("a saved filter's question is narrowed by what is asked beside it", () => {
  const asked = { ...readPlace("?tab=saved&saved=1"), q: "bern", filters: ["a = 1"] };
  const found = questionOf(asked, { scope: "group", filter: ["b = 2"], q: "wien", sort: "name" });
  assert.deepEqual(found, {
    scope: "group",
    filter: ["b = 2", "a = 1"],
    q: "wien bern",
    deferred: "hide",
    sort: "name",
  });
});

test("the deferred are those that are hidden elsewhere", () => {
  assert.equal(questionOf(readPlace("?tab=deferred")).deferred, "only");
  assert.equal(questionOf(readPlace("?tab=group&deferred")).deferred, "show");
  assert.equal(questionOf(readPlace("?tab=completed")).sort, "-endTime");
});
