// Quiet hours, over midnight and not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isQuiet } from "./quiet_hours.ts";

test("quiet from evening to morning", () => {
  const at = (now: string) => isQuiet(now, "20:00", "07:00");
  assert.deepEqual(["19:59", "20:00", "23:30", "00:00", "06:59", "07:00"].map(at), [
    false,
    true,
    true,
    true,
    true,
    false,
  ]);
});

test("quiet at noon, or never", () => {
  assert.deepEqual(
    ["11:59", "12:30", "13:00"].map((now) => isQuiet(now, "12:00", "13:00")),
    [false, true, false],
  );
  assert.equal(isQuiet("12:00", "12:00", "12:00"), false);
});
