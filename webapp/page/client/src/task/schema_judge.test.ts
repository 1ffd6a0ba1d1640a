import assert from "node:assert/strict";
import { test } from "node:test";
import type { Values } from "../api/shapes.ts";
import { SchemaJudge } from "./schema_judge.ts";
import type { Part } from "./schema_parts.ts";

const TRIP: Part = {
  $id: "https://example.com/trip.schema.json",
  type: "object",
  required: ["guest", "beds"],
  properties: {
    guest: { type: "string", minLength: 2, pattern: "^[A-Z]" },
    beds: { type: "integer", minimum: 1, exclusiveMaximum: 5 },
    fee: { type: "number", multipleOf: 0.01 },
    pet: { type: ["boolean", "null"] },
    day: { type: "string", format: "date" },
    mail: { type: "string", format: "email" },
    site: { type: "string", format: "uri" },
    room: { enum: ["s", "d"] },
    odd: { type: "string", pattern: "\\-" },
    address: { $ref: "#/$defs/address" },
    guests: {
      type: "array",
      maxItems: 2,
      uniqueItems: true,
      items: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
    },
    pays: {
      oneOf: [
        { properties: { by: { const: "card" }, number: { type: "string" } }, required: ["by", "number"] },
        { properties: { by: { const: "bill" }, to: { type: "string" } }, required: ["by", "to"] },
      ],
    },
  },
  dependentRequired: { day: ["mail"] },
  additionalProperties: false,
  $defs: {
    address: { type: "object", required: ["zip"], properties: { "a/b": { type: "string" }, zip: { maxLength: 5 } } },
  },
};
const RIGHT = { guest: "Ann", beds: 2 };
const wrong = (schema: Part, values: Values) => [...new SchemaJudge(schema).wrong(values)];

/** In microseconds of the processor; without its bounds the judge would take minutes, or never end. */
const TEN_SECONDS = 10_000_000;

test("what is wrong is said where it is, and of the limit that is asked for", () => {
  const cases: [Values, [string, string, (string | number)?][]][] = [
    [{}, []],
    [{ guest: "A" }, [["guest", "wrong.shortest", 2]]],
    [{ guest: "ann" }, [["guest", "wrong.pattern", "^[A-Z]"]]],
    [{ guest: 3 }, [["guest", "wrong.text"]]],
    [{ beds: 0 }, [["beds", "wrong.least", 1]]],
    [{ beds: 5 }, [["beds", "wrong.less", 5]]],
    [{ beds: 1.5 }, [["beds", "wrong.whole"]]],
    [{ fee: 19.99 }, []],
    [{ fee: 0.001 }, [["fee", "wrong.multiple", 0.01]]],
    [{ pet: "x" }, [["pet", "wrong.boolean"]]],
    [{ day: "2026-02-30", mail: "a@b.c" }, [["day", "wrong.date"]]],
    [{ day: "2026-02-03" }, [["mail", "wrong.required", "mail"]]],
    [{ mail: "ann" }, [["mail", "wrong.format", "email"]]],
    [{ site: "not judged by the engine" }, []],
    [{ odd: "of another dialect" }, []],
    [{ room: "x" }, [["room", "wrong.one_of", "s, d"]]],
    [{ address: { zip: "123456" } }, [["address.zip", "wrong.longest", 5]]],
    [{ address: { zip: "1", "a/b": 1 } }, [["address.a/b", "wrong.text"]]],
    [
      { guests: [{}, { name: 1 }] },
      [
        ["guests.0.name", "wrong.required", "name"],
        ["guests.1.name", "wrong.text"],
      ],
    ],
    [{ guests: [{ name: "x" }, { name: "x" }] }, [["guests", "wrong.twice", "true"]]],
    [{ pays: { by: "bill" } }, [["pays.to", "wrong.required", "by, to"]]],
    [{ pays: { by: "bill", to: "me" } }, []],
    [{ other: 1 }, [["other", "wrong.unasked", ""]]],
  ];
  for (const [values, said] of cases)
    assert.deepEqual(
      wrong(TRIP, { ...RIGHT, ...values }).map(([path, { word, values: put }]) =>
        put && word !== "wrong.required" ? [path, word, put.n] : [path, word],
      ),
      said.map(([path, word, n]) => (n === undefined || word === "wrong.required" ? [path, word] : [path, word, n])),
      JSON.stringify(values),
    );
});

test("by draft 7 nothing counts beside a reference", () => {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    properties: { a: { $ref: "#/definitions/b", maxLength: 1 } },
    definitions: { b: { type: "string" } },
  };
  assert.deepEqual(wrong(schema, { a: "long" }), []);
  assert.equal(wrong({ ...schema, $schema: undefined as never }, { a: "long" }).length, 1);
});

test("a part is judged with what it refers to", () => {
  const judge = new SchemaJudge(TRIP);
  assert.equal(judge.fits({ $ref: "#/$defs/address" }, { zip: "123456" }), false);
  assert.equal(judge.fits({ $ref: "#/$defs/address" }, { zip: "12345" }), true);
  assert.equal(judge.fits({ properties: { a: { $ref: "#/$defs/address" } } }, { a: {} }), false);
  assert.equal(judge.fits(false, {}), false);
  assert.equal(judge.fits({ required: ["a"] }, undefined), true);
  assert.equal(judge.fits({ type: "object" }, undefined), false);
  assert.equal(judge.fits({ required: ["a"] }, { a: undefined }), false);
});

test("a reference is read as the fragment of an address", () => {
  const short = { maxLength: 1 };
  const $defs = { "first name": short, "a/b": { anyOf: [short] } };
  for (const $ref of ["#/$defs/first%20name", "#/$defs/first name", "#/%24defs/first%20name", "#/$defs/a~1b/anyOf/0"])
    assert.deepEqual(
      wrong({ properties: { a: { $ref } }, $defs }, { a: "xy" }),
      [["a", { word: "wrong.longest", values: { n: 1 } }]],
      $ref,
    );
});

test("what says nothing is left out where it may be", () => {
  const judge = new SchemaJudge({ ...TRIP, required: ["address"] });
  assert.deepEqual(judge.pruned({ guest: null, pet: null, address: {}, guests: [{}, { name: null }] }), {
    pet: null,
    address: {},
    guests: [{}, {}],
  });
  assert.deepEqual(new SchemaJudge(TRIP).pruned({ address: { zip: undefined as never } }), {});
});

test("what only the form has put there is no answer until it is touched", () => {
  const judge = new SchemaJudge(TRIP);
  const untouched = (values: Values) => judge.pruned(values, () => false);
  assert.deepEqual(untouched({ pays: { by: "bill" } }), {});
  assert.deepEqual(judge.pruned({ pays: { by: "bill" } }), { pays: { by: "bill" } });
  assert.deepEqual(untouched({ pays: { by: "bill", to: "me" } }), { pays: { by: "bill", to: "me" } });
  assert.deepEqual(untouched({ pays: { by: "other" } }), { pays: { by: "other" } });
});

test("a long text is matched against no pattern, and fits none", () => {
  const slow = { type: "string", pattern: "^(a+)+$" };
  const schema = { properties: { a: slow, b: { pattern: "b$|^c" } }, patternProperties: { "^(x+)+y?$": false } };
  const long = `${"a".repeat(200)}!`;
  const names = { [`${"x".repeat(200)}!`]: 1, xx: 1 };
  const begun = process.cpuUsage();
  assert.deepEqual(wrong(schema, { a: long, b: "x".repeat(200), ...names }), [
    ["a", { word: "wrong.longest", values: { n: 200 } }],
    ["b", { word: "wrong.pattern", values: { n: "b$|^c" } }],
    ["xx", { word: "wrong.unasked", values: { n: "" } }],
  ]);
  assert.deepEqual(wrong(schema, { a: "a".repeat(200), b: `${"x".repeat(199)}b` }), []);
  assert.deepEqual(wrong(schema, { b: "c\n" }), []);
  assert.equal(new SchemaJudge(schema).fits(slow, long), false);
  assert.ok(process.cpuUsage(begun).user < TEN_SECONDS);
});

test("of a long list each entry is compared by the engine, and of much that is wrong enough is said", () => {
  const schema = {
    properties: { a: { uniqueItems: true }, uniqueItems: { allOf: [{ minItems: 1 }], uniqueItems: true }, b: {} },
  };
  const many = Array.from({ length: 20_000 }, (_, at) => ({ at }));
  const begun = process.cpuUsage();
  assert.deepEqual(wrong(schema, { a: many, uniqueItems: [1, 1] }), [
    ["uniqueItems", { word: "wrong.twice", values: { n: "true" } }],
  ]);
  const each: Part = { items: { anyOf: [{ required: ["x"] }, { type: "string" }] } };
  assert.ok(wrong({ properties: { a: each } }, { a: many }).length > 100);
  assert.ok(process.cpuUsage(begun).user < TEN_SECONDS);
});
