import assert from "node:assert/strict";
import { test } from "node:test";
import { treeOf } from "./schema_errors.ts";

test("each message stands at the end of its way", () => {
  const tree = treeOf({ "": "as a whole", a: "here", "a.0.b": "there", "c.constructor": "odd" });
  assert.equal(
    JSON.stringify(tree),
    JSON.stringify({
      __errors: ["as a whole"],
      a: { __errors: ["here"], 0: { b: { __errors: ["there"] } } },
      c: { constructor: { __errors: ["odd"] } },
    }),
  );
});

test("no name on the way reaches what all objects have", () => {
  const tree = treeOf({ "__proto__.a": "x", "a.__proto__.b": "y", "constructor.prototype.c": "z", "toString.d": "w" });
  const bare = {} as Record<string, unknown>;
  assert.deepEqual([bare.a, bare.b, bare.c, bare.__errors], [undefined, undefined, undefined, undefined]);
  assert.equal(Object.hasOwn(Object.prototype.toString, "d"), false);
  assert.deepEqual(Object.keys(tree), ["constructor", "toString"]);
});
