import assert from "node:assert/strict";
import { test } from "node:test";
import { begunAt, completed, piecesOf } from "./mentions.ts";

const meant = (text: string) => piecesOf(text).flatMap(({ who }) => who ?? []);

test("whom a text names", () => {
  assert.deepEqual(meant("@ann and (@bob.b), look: @ünal-2."), ["ann", "bob.b", "ünal-2"]);
  assert.deepEqual(meant("mail ann@example.com or @ or @@x"), []);
  assert.deepEqual(meant("@a"), ["a"]);
});

test("nothing of a text is lost in its pieces", () => {
  for (const text of ["", "@ann", "x @ann y @bob", "a\n@ann.", "@ann @ann"])
    assert.equal(
      piecesOf(text)
        .map((one) => one.text)
        .join(""),
      text,
    );
});

test("a name that is being written", () => {
  assert.equal(begunAt("hello @an", 9), "an");
  assert.equal(begunAt("@", 1), "");
  assert.equal(begunAt("hello @an ", 10), null);
  assert.equal(begunAt("ann@ex", 6), null);
});

test("a name is put in where it was begun", () => {
  assert.deepEqual(completed("hi @a there", 5, "ann"), { text: "hi @ann there", caret: 8 });
  assert.deepEqual(completed("@", 1, "ann"), { text: "@ann ", caret: 5 });
});
