import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, DAY } from "../words/zones.ts";
import { morningIn, nextWeek } from "./ahead.ts";

// Neither of those below.
process.env.TZ = "Pacific/Honolulu";

const at = (text: string) => Date.parse(text);
const morning = (days: number, zone: string, from: string) => clockText(morningIn(days, zone, at(from)), zone);
const [SUNDAY, MONDAY, SATURDAY] = [0, 1, 6];
const week = (zone: string, from: string, first = MONDAY) => clockText(nextWeek(first, zone, at(from)), zone);

test("days ahead are mornings of the zone, also when clocks change", () => {
  assert.equal(morning(1, "Europe/Zurich", "2026-03-28T22:30:00Z"), "2026-03-29T08:00");
  assert.equal(new Date(morningIn(1, "Europe/Zurich", at("2026-03-28T22:30Z"))).toISOString().slice(11, 16), "06:00");
  assert.equal(morning(7, "Europe/Zurich", "2026-10-24T12:00:00Z"), "2026-10-31T08:00");
  assert.equal(morning(1, "America/New_York", "2026-11-01T03:30:00Z"), "2026-11-01T08:00");
  assert.equal(morning(3, "Asia/Kolkata", "2026-12-30T12:00:00Z"), "2027-01-02T08:00");
});

test("tomorrow is another day elsewhere", () => {
  const late = "2026-11-29T20:00:00Z";
  assert.equal(morning(1, "America/New_York", late), "2026-11-30T08:00");
  assert.equal(morning(1, "Asia/Kolkata", late), "2026-12-01T08:00");
  assert.equal(morning(1, "Pacific/Auckland", late), "2026-12-01T08:00");
});

test("the next week begins on the reader's day, and never today", () => {
  for (const first of [SUNDAY, MONDAY, SATURDAY]) {
    for (let day = 1; day <= 14; day += 1) {
      const from = at(`2026-11-${String(day).padStart(2, "0")}T12:00:00Z`);
      const found = nextWeek(first, "UTC", from);
      assert.equal(new Date(found).getUTCDay(), first);
      const days = (found - from) / DAY;
      assert.ok(days > 0 && days < 7, String(days));
    }
  }
  // There it is Monday already.
  assert.equal(week("America/New_York", "2026-11-29T20:00:00Z"), "2026-11-30T08:00");
  assert.equal(week("Pacific/Auckland", "2026-11-29T20:00:00Z"), "2026-12-07T08:00");
  assert.equal(week("America/New_York", "2026-11-29T20:00:00Z", SUNDAY), "2026-12-06T08:00");
  assert.equal(week("Europe/Zurich", "2026-03-26T12:00:00Z", SUNDAY), "2026-03-29T08:00");
});
