import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, DAY, dayAt, endOf, momentOf, readClock, startOf, weekdayOf } from "./zones.ts";

// None of those below: what the machine has must not matter.
process.env.TZ = "America/St_Johns";

const at = (text: string) => Date.parse(text);
const hours = (day: string, zone: string) => (endOf(at(day), zone) + 1 - startOf(at(day), zone)) / 3_600_000;

test("a day begins at midnight of the zone, and has the hours that it has there", () => {
  const days: [string, string, string, number][] = [
    ["Europe/Zurich", "2026-03-28", "2026-03-27T23:00:00Z", 24],
    ["Europe/Zurich", "2026-03-29", "2026-03-28T23:00:00Z", 23],
    ["Europe/Zurich", "2026-03-30", "2026-03-29T22:00:00Z", 24],
    ["Europe/Zurich", "2026-10-25", "2026-10-24T22:00:00Z", 25],
    ["Europe/Zurich", "2026-10-26", "2026-10-25T23:00:00Z", 24],
    ["America/New_York", "2026-03-08", "2026-03-08T05:00:00Z", 23],
    ["America/New_York", "2026-11-01", "2026-11-01T04:00:00Z", 25],
    ["America/New_York", "2026-11-02", "2026-11-02T05:00:00Z", 24],
    ["Asia/Kolkata", "2026-03-29", "2026-03-28T18:30:00Z", 24],
    ["Pacific/Auckland", "2026-04-05", "2026-04-04T11:00:00Z", 25],
    ["Pacific/Auckland", "2026-09-27", "2026-09-26T12:00:00Z", 23],
    // Where clocks are put forward at midnight, the day begins at one.
    ["Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23],
    // Where they are put back at one, midnight comes twice.
    ["Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z", 25],
  ];
  for (const [zone, day, begins, length] of days) {
    assert.equal(new Date(startOf(at(day), zone)).toISOString(), new Date(begins).toISOString(), `${zone} ${day}`);
    assert.equal(hours(day, zone), length, `${zone} ${day}`);
    assert.equal(dayAt(startOf(at(day), zone), zone), at(day));
    assert.equal(dayAt(endOf(at(day), zone), zone), at(day));
    assert.equal(dayAt(startOf(at(day), zone) - 1, zone), at(day) - DAY);
  }
});

test("it is not the same day everywhere", () => {
  const moment = at("2026-11-29T18:45:00Z");
  assert.equal(dayAt(moment, "America/New_York"), at("2026-11-29"));
  assert.equal(dayAt(moment, "Asia/Kolkata"), at("2026-11-30"));
  assert.equal(dayAt(moment, "Pacific/Auckland"), at("2026-11-30"));
  assert.equal(weekdayOf(dayAt(moment, "Pacific/Auckland")), 1);
});

test("what a clock shows is read back", () => {
  for (const zone of ["Europe/Zurich", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", undefined]) {
    for (let hour = 0; hour < 400 * 24; hour += 31) {
      const moment = at("2026-01-01T00:15:00Z") + hour * 3_600_000;
      const again = readClock(clockText(moment, zone), zone);
      // In the hour that comes twice it is the first.
      assert.ok(again === moment || again === moment - 3_600_000, `${zone} ${new Date(moment).toISOString()}`);
      assert.equal(clockText(again, zone), clockText(moment, zone));
    }
  }
});

test("an hour that is left out is the one after it, and of two the first is meant", () => {
  const iso = (text: string) => new Date(readClock(text, "Europe/Zurich")).toISOString();
  assert.equal(iso("2026-03-29T01:59"), "2026-03-29T00:59:00.000Z");
  assert.equal(iso("2026-03-29T02:30"), "2026-03-29T01:30:00.000Z");
  assert.equal(iso("2026-03-29T03:00"), "2026-03-29T01:00:00.000Z");
  assert.equal(iso("2026-10-25T02:30"), "2026-10-25T00:30:00.000Z");
  assert.equal(iso("2026-10-25T03:00"), "2026-10-25T02:00:00.000Z");
});

test("what is no moment stays none", () => {
  assert.ok(Number.isNaN(readClock("", "Asia/Kolkata")));
  assert.ok(Number.isNaN(momentOf(Number.NaN, undefined)));
  assert.equal(clockText(Number.NaN, "Asia/Kolkata"), "");
});
