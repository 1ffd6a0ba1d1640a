import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../api/shapes.ts";
import { columnsOf, copied, dayIn, isNumeric, kindOf, linesOf, numberIn } from "./values.ts";

test("values are what people take them for", () => {
  const kinds: [Json, string][] = [
    [null, "empty"],
    ["  ", "empty"],
    [[], "empty"],
    [{}, "empty"],
    [false, "boolean"],
    [0, "number"],
    ["2024-02-29", "day"],
    ["2023-02-29", "text"],
    ["2024-02-29T10:00:00.5+02:00", "moment"],
    ["2024-02-29T10:00", "moment"],
    ["2024-02-29T99:00:00Z", "text"],
    ["https://example.com/a?b", "link"],
    ["javascript:alert(1)", "text"],
    ["http:// no", "text"],
    ["ada@example.com", "mail"],
    ["@example", "text"],
    ["a text", "text"],
    [[1, "two", null], "inline"],
    [Array(13).fill(1), "list"],
    [["x".repeat(41)], "list"],
    [[{ a: 1 }, { a: 2, b: 3 }], "table"],
    [[{ a: 1 }, 2], "list"],
    [{ a: 1 }, "group"],
  ];
  for (const [value, kind] of kinds) assert.equal(kindOf(value), kind, JSON.stringify(value));
});

test("only alike and flat objects are a table", () => {
  assert.deepEqual(columnsOf([{ a: 1, b: 2 }, { b: 3 }]), ["a", "b"]);
  assert.deepEqual(columnsOf([{ a: { b: 1 } }]), []);
  assert.deepEqual(columnsOf([{ a: 1 }, { b: 1 }, { c: 1 }]), []);
  assert.deepEqual(columnsOf([Object.fromEntries("abcdefghi".split("").map((name) => [name, 1]))]), []);
});

test("columns of numbers stand at the right", () => {
  assert.equal(isNumeric([{ a: 1 }, { a: null }], "a"), true);
  assert.equal(isNumeric([{ a: 1 }, { a: "x" }], "a"), false);
  assert.equal(isNumeric([{ a: null }], "a"), false);
});

test("lines are counted no further than asked", () => {
  assert.equal(linesOf({ a: 1, b: { c: 1, d: 2 } }, 100), 5);
  assert.equal(linesOf([{ a: 1 }, { a: 2 }], 100), 4);
  const unread = { a: 1 };
  Object.defineProperty(unread, "a", { enumerable: true, get: () => assert.fail("it is counted to the end") });
  assert.ok(linesOf([...Array.from({ length: 9 }, () => ({ a: { b: 1 } })), unread], 8) > 8);
});

test("numbers are written as the reader does", () => {
  assert.equal(numberIn("en", 12345.5), "12,345.5");
  assert.equal(numberIn("de", 12345.5), "12.345,5");
  assert.equal(numberIn("en", 2024), "2024");
  assert.equal(numberIn("en", 123456, "orderNumber"), "123456");
  assert.equal(numberIn("en", 900, "amount", { currency: "EUR" }), "€900.00");
  assert.equal(numberIn("en", 900, "amount", { currency: "points" }), "900");
});

test("a date is the same day in every time zone", () => {
  assert.equal(dayIn("en", "2024-02-29"), "Feb 29, 2024");
});

test("what is copied is the value itself", () => {
  assert.equal(copied("a"), "a");
  assert.equal(copied(1.5), "1.5");
  assert.equal(copied(null), "");
  assert.equal(copied({ a: 1 }), '{\n  "a": 1\n}');
});
