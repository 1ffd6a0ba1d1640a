import assert from "node:assert/strict";
import { test } from "node:test";
import { daysBetween } from "./days.ts";

const at = (text: string) => new Date(text).getTime();

test("days are those of the calendar, not of twenty-four hours", () => {
  assert.equal(daysBetween(at("2026-03-10T23:59"), at("2026-03-11T00:01")), 1);
  assert.equal(daysBetween(at("2026-03-10T00:01"), at("2026-03-10T23:59")), 0);
  assert.equal(daysBetween(at("2026-03-28T12:00"), at("2026-03-30T11:00")), 2);
});
