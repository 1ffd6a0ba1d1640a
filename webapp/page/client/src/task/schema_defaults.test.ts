import assert from "node:assert/strict";
import { test } from "node:test";
import { getDefaultFormState, type RJSFSchema, type ValidatorType } from "@rjsf/utils";
import { NOTHING_MADE_UP } from "./schema_defaults.ts";

const validator = { isValid: () => true } as unknown as ValidatorType;
const begun = (schema: RJSFSchema) => getDefaultFormState(validator, schema, undefined, schema, false, NOTHING_MADE_UP);

test("nobody has typed the entries that there must be, however many that are", () => {
  const items = { type: "string", default: "x" } as const;
  const list = { type: "array", items, minItems: 100_000_000 } as const;
  assert.deepEqual(begun({ type: "object", required: ["a"], properties: { a: list, b: list } }), {});
});

test("what a schema says there is to begin with, there is", () => {
  const list: RJSFSchema = { type: "array", items: { type: "string" }, minItems: 3, default: ["y"] };
  assert.deepEqual(begun({ type: "object", properties: { a: list, c: { type: "string", default: "z" } } }), {
    a: ["y"],
    c: "z",
  });
});
