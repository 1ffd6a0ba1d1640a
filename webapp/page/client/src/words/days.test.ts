import assert from "node:assert/strict";
import { test } from "node:test";
import { daysBetween } from "./days.ts";

const at = (text: string) => new Date(`${text}Z`).getTime();
const between = (then: string, until: string, zone = "UTC") => daysBetween(at(then), at(until), zone);

test("days are those of the calendar, not of twenty-four hours", () => {
  assert.equal(between("2026-03-10T23:59", "2026-03-11T00:01"), 1);
  assert.equal(between("2026-03-10T00:01", "2026-03-10T23:59"), 0);
  assert.equal(between("2026-03-28T12:00", "2026-03-30T11:00"), 2);
});

test("they are those of the zone that was chosen", () => {
  assert.equal(between("2026-03-10T18:00", "2026-03-10T19:00", "Asia/Kolkata"), 1);
  assert.equal(between("2026-03-10T23:59", "2026-03-11T00:01", "America/New_York"), 0);
  // From Saturday noon to Monday, over the night that lacks an hour.
  assert.equal(between("2026-03-28T11:00", "2026-03-29T22:00", "Europe/Zurich"), 2);
});
