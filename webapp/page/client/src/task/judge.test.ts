import assert from "node:assert/strict";
import { test } from "node:test";
import type { FormField, Json, Task } from "../api/shapes.ts";
import { draftOf, given, typedValue, valuesOf } from "./form_values.ts";
import { judge, judgeAll, wrongOf } from "./judge.ts";

const field = (type: string, constraints: object = {}, more: object = {}): FormField => ({
  id: "f",
  type,
  constraints,
  ...more,
});

test("a field is judged as the engine does", () => {
  const cases: [FormField, Json, string | null][] = [
    [field("string", {}, { required: true }), "  ", "wrong.required"],
    [field("string"), "", null],
    [field("string", { readonly: true }, { required: true }), "", null],
    [field("list", {}, { required: true }), [], "wrong.required"],
    [field("boolean", {}, { required: true }), "false", null],
    [field("long"), "1.5", "wrong.whole"],
    [field("long", { min: 2 }), "1", "wrong.least"],
    [field("double", { max: 2 }), "2.5", "wrong.most"],
    [field("double", { min: 0, max: 2 }), "0", null],
    [field("double"), "1e999", "wrong.number"],
    [field("string", { minlength: 2 }), "a", "wrong.shortest"],
    [field("string", { maxlength: 2 }), "😀😀", null],
    [field("string", { maxlength: 2 }), "abc", "wrong.longest"],
    [field("string", { pattern: "[a-z]+|7" }), "7a", "wrong.pattern"],
    [field("string", { pattern: "[a-z]+|7" }), "abc", null],
    [field("string", { pattern: "[a-z]+|7", anywhere: true }), "7a", null],
    [field("string", { pattern: "^[a-z]", anywhere: true }), "7a", "wrong.pattern"],
    [field("string", { pattern: "(?P<name>a)" }), "b", null],
    [field("date"), "2024-02-30x", "wrong.date"],
    [field("date"), "2024-02-01T10:00:00Z", null],
  ];
  for (const [one, raw, word] of cases) assert.equal(judge(one, raw)?.word ?? null, word, JSON.stringify([one, raw]));
});

test("fields are judged in the order of the form", () => {
  const fields = [field("long"), { ...field("string"), id: "g", required: true }];
  assert.deepEqual([...judgeAll(fields, { f: "x" }).keys()], ["f", "g"]);
});

test("what the engine says is known by its words", () => {
  assert.deepEqual(wrongOf("must be at least 5"), { word: "wrong.least", values: { n: "5" } });
  assert.deepEqual(wrongOf("must have at most 3 characters")?.values, { n: "3" });
  assert.equal(wrongOf("is not what we like"), null);
});

test("what is typed becomes values", () => {
  assert.equal(typedValue(field("boolean"), "false"), false);
  assert.equal(typedValue(field("long"), ""), undefined);
  assert.deepEqual(typedValue(field("list"), " a \n\n b"), ["a", "b"]);
  assert.deepEqual(typedValue(field("list", {}, { values: [{ id: "a b", name: "A" }] }), "a b"), ["a b"]);
  assert.deepEqual(valuesOf([field("string")], { f: " " }), {});
});

test("a draft keeps what cannot be sent yet, and what was emptied", () => {
  assert.deepEqual(draftOf([field("long")], { f: "12" }), { f: 12 });
  assert.deepEqual(draftOf([field("double")], { f: "1.50" }), { f: "1.50" });
  assert.deepEqual(draftOf([field("long")], { f: "" }), { f: "" });
  assert.deepEqual(draftOf([field("boolean")], { f: "true" }), { f: true });
  assert.deepEqual(draftOf([field("long")], {}), {});
});

test("without a form only what was edited is sent", () => {
  const task = { formFields: [], payload: { f: 1, g: "a" } } as unknown as Task;
  assert.deepEqual(given(task, { f: 1, g: "b" }), { g: "b" });
  assert.deepEqual(given({ ...task, formFields: [field("long")] }, { f: 1 }), { f: 1 });
});
