import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf } from "./days.ts";

// A Thursday.
const now = new Date(2026, 0, 15, 14, 30).getTime();
const at = (day: number, hour = 9) => new Date(2026, 0, day, hour).toISOString();

test("a task stands under the day it is due", () => {
  assert.equal(dayOf(null, now), "none");
  assert.equal(dayOf(at(15, 14), now), "overdue");
  assert.equal(dayOf(at(15, 23), now), "today");
  assert.equal(dayOf(at(16, 0), now), "tomorrow");
  assert.equal(dayOf(at(17), now), "week");
  assert.equal(dayOf(at(18, 23), now), "week");
  assert.equal(dayOf(at(19, 0), now), "later");
});

test("a week ends where the next begins, which is not everywhere the same", () => {
  assert.equal(dayOf(at(18, 9), now, 7), "later");
  assert.equal(dayOf(at(17, 9), now, 7), "week");
  const sunday = new Date(2026, 0, 18, 9).getTime();
  assert.equal(dayOf(at(19), sunday), "tomorrow");
  assert.equal(dayOf(at(20), sunday), "later");
  assert.equal(dayOf(at(24), sunday, 7), "week");
});
