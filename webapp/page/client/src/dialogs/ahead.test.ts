import assert from "node:assert/strict";
import { test } from "node:test";
import { local, morningIn, nextMonday } from "./ahead.ts";

test("days ahead are mornings, also when clocks change", () => {
  assert.equal(local(morningIn(1, new Date(2026, 2, 28, 23, 30))), "2026-03-29T08:00");
  assert.equal(local(morningIn(3, new Date(2026, 11, 30))), "2027-01-02T08:00");
});

test("the next Monday is never today", () => {
  for (let day = 1; day <= 14; day += 1) {
    const from = new Date(2026, 10, day, 12);
    const found = nextMonday(from);
    assert.equal(found.getDay(), 1);
    const days = (found.getTime() - from.getTime()) / 86_400_000;
    assert.ok(days > 0 && days < 7, String(days));
  }
});
