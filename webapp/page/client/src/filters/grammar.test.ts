import assert from "node:assert/strict";
import { test } from "node:test";
import { opposite, plain, quoted, readCondition, writeCondition } from "./grammar.ts";

test("a condition is taken apart", () => {
  assert.deepEqual(readCondition("task.priority >= 50"), { field: "task.priority", op: ">=", values: [plain("50")] });
  assert.deepEqual(readCondition('"a = b" != "say \\"no\\""'), {
    field: "a = b",
    op: "!=",
    values: [quoted('say "no"')],
  });
  assert.deepEqual(readCondition('city IN (Bonn, "a, b" ,Rom)'), {
    field: "city",
    op: "in",
    values: [plain("Bonn"), quoted("a, b"), plain("Rom")],
  });
  assert.deepEqual(readCondition("task.dueDate[]2026-01-01|2026-02-01")?.values, [
    plain("2026-01-01"),
    plain("2026-02-01"),
  ]);
  assert.deepEqual(readCondition("a = b > c")?.values, [plain("b > c")]);
});

test("what is no condition is none", () => {
  for (const text of ["", "city", "= 3", "city in Bonn", "a [] 1", "a [] 1|2|3", 'a = "b', "a in ()", "a in (b,,c)"]) {
    assert.equal(readCondition(text), null, text);
  }
});

test("what is written is read back as it was", () => {
  for (const text of ["", "null", " x", 'a"b\\', "3000", "a, b", "a|b", "(x)", "ß 😀", "-3", "a=b", "line\nline"]) {
    for (const asText of [true, false]) {
      const values = [{ text, quoted: asText }];
      for (const op of ["=", "~", "in"] as const) {
        const found = readCondition(writeCondition({ field: "customer.city", op, values }));
        assert.equal(found?.values[0]?.text, text);
        if (asText && /^(null|3000)$/.test(text)) assert.equal(found?.values[0]?.quoted, true);
      }
    }
  }
  for (const field of ["a b", "a=b", "a in (b", 'x"y', "a[]", "رسالة"]) {
    assert.equal(readCondition(writeCondition({ field, op: "=", values: [plain("1")] }))?.field, field);
  }
});

test("equal and not equal are opposites, others have none", () => {
  assert.equal(opposite("a = b"), "a != b");
  assert.equal(opposite("a > 3"), null);
});
