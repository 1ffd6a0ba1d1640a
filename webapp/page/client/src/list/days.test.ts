import assert from "node:assert/strict";
import { test } from "node:test";
import { dayOf, endsOf } from "./days.ts";

// Another than those below.
process.env.TZ = "Pacific/Honolulu";
const [MONDAY, SUNDAY] = [1, 0];
// A Thursday.
const now = Date.UTC(2026, 0, 15, 14, 30);
const at = (day: number, hour = 9) => new Date(Date.UTC(2026, 0, day, hour)).toISOString();
const under = (due: string | null, from = now, first = MONDAY, zone = "UTC") => dayOf(due, endsOf(from, first, zone));

test("a task stands under the day it is due", () => {
  assert.equal(under(null), "none");
  assert.equal(under(at(15, 14)), "overdue");
  assert.equal(under(at(15, 23)), "today");
  assert.equal(under(at(16, 0)), "tomorrow");
  assert.equal(under(at(17)), "week");
  assert.equal(under(at(18, 23)), "week");
  assert.equal(under(at(19, 0)), "later");
});

test("a week ends where the next begins, which is not everywhere the same", () => {
  assert.equal(under(at(18, 9), now, SUNDAY), "later");
  assert.equal(under(at(17, 9), now, SUNDAY), "week");
  const sunday = Date.UTC(2026, 0, 18, 9);
  assert.equal(under(at(19), sunday), "tomorrow");
  assert.equal(under(at(20), sunday), "later");
  assert.equal(under(at(24), sunday, SUNDAY), "week");
});

test("days are those of the zone that was chosen, also where clocks change", () => {
  // Saturday evening before the last Sunday of March, and of October.
  const spring = Date.parse("2026-03-28T20:00:00Z");
  const autumn = Date.parse("2026-10-24T20:00:00Z");
  const is = (due: string, from: number, zone: string) => under(due, from, MONDAY, zone);
  assert.equal(is("2026-03-28T22:59:59Z", spring, "Europe/Zurich"), "today");
  assert.equal(is("2026-03-28T23:00:00Z", spring, "Europe/Zurich"), "tomorrow");
  assert.equal(is("2026-03-29T21:59:59Z", spring, "Europe/Zurich"), "tomorrow");
  assert.equal(is("2026-03-29T22:00:00Z", spring, "Europe/Zurich"), "later");
  assert.equal(is("2026-10-25T22:59:59Z", autumn, "Europe/Zurich"), "tomorrow");
  assert.equal(is("2026-10-25T23:00:00Z", autumn, "Europe/Zurich"), "later");
  // It is Saturday afternoon in New York, and Sunday in Kolkata and Auckland.
  assert.equal(is("2026-03-29T03:59:59Z", spring, "America/New_York"), "today");
  assert.equal(is("2026-03-29T04:00:00Z", spring, "America/New_York"), "tomorrow");
  assert.equal(is("2026-03-29T18:29:59Z", spring, "Asia/Kolkata"), "today");
  assert.equal(is("2026-03-29T18:30:00Z", spring, "Asia/Kolkata"), "tomorrow");
  assert.equal(is("2026-03-29T10:59:59Z", spring, "Pacific/Auckland"), "today");
  assert.equal(is("2026-03-29T11:00:00Z", spring, "Pacific/Auckland"), "tomorrow");
});
