import assert from "node:assert/strict";
import { test } from "node:test";
import { among, quoted } from "./quoted.ts";

test("quotes and backslashes within a value are values", () => {
  assert.equal(quoted('a "b" \\ c'), '"a \\"b\\" \\\\ c"');
});

test("many values are several filters, none too long to be read", () => {
  assert.deepEqual(among("f", ["a", "b", "c"], 2), ['f in ("a", "b")', 'f in ("c")']);
  assert.deepEqual(among("f", []), []);
});
