import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOf } from "./again.ts";
import type { Incident } from "./shapes.ts";

const incident = (id: string, created: string, more: Partial<Incident> = {}) =>
  ({ id, created, processInstanceId: "i", element: "work", kind: "job", ...more }) as Incident;
const first = incident("1", "2026-01-01T10:00:00+00:00");

test("what failed again at the same place later is the next", () => {
  const open = [
    incident("0", "2026-01-01T09:00:00+00:00"),
    incident("2", "2026-01-01T10:01:00+00:00"),
    incident("3", "2026-01-01T10:02:00+00:00"),
  ];
  assert.equal(nextOf(first, open)?.id, "3");
});

test("it is none of another instance, of another place, or itself", () => {
  const later = "2026-01-01T11:00:00+00:00";
  const open = [
    first,
    incident("4", later, { processInstanceId: "j" }),
    incident("5", later, { element: "other" }),
    incident("6", later, { kind: "timer" }),
  ];
  assert.equal(nextOf(first, open), null);
});
