import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "./plain.ts";

test("a line says the words only", () => {
  assert.equal(
    plain("Please *check* the **amount** and the [order](https://example.com/o)."),
    "Please check the amount and the order.",
  );
  assert.equal(plain("# Title\n\n- one\n- `two`\n> three"), "Title one two three");
});

test("what only looks like a mark stays", () => {
  assert.equal(plain("3 * 4 = 12, snake_case_name, a*b"), "3 * 4 = 12, snake_case_name, a*b");
});
