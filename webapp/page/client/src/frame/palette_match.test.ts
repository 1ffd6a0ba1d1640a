// What is found by what was typed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fit } from "./palette_match.ts";

test("beginnings of words are found, in any order and run together", () => {
  for (const typed of ["Group tasks", "group", "gr ta", "ta gr", "grta", "gt", "GT"])
    assert.ok(fit(typed, "Group tasks") > 1, typed);
  for (const typed of ["x", "tg", "gx", "tasksx"]) assert.equal(fit(typed, "Group tasks"), 0, typed);
});

test("the whole name is better than its beginning, that than its words, those than a part", () => {
  const found = ["all", "alliances", "see all", "small"].map((name) => fit("all", name));
  assert.deepEqual(found, [4, 3, 2, 1]);
});

test("accents and signs do not matter", () => {
  assert.ok(fit("ubernehmen", "Übernehmen") > 1);
  assert.ok(fit("Zurück", "zuruck…") > 1);
  assert.equal(fit("?", "Help"), 0);
  assert.equal(fit("", "anything"), 1);
});

test("letters of any script", () => {
  assert.ok(fit("за", "Мои задачи") > 1);
  assert.equal(fit("я", "Мои задачи"), 0);
});
