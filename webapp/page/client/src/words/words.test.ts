// The catalogues: every word in both languages, with the same places.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pseudo } from "./pseudo.ts";

type Text = string | { one: string; other: string };
type Room = { en: Record<string, Text>; de: Record<string, Text> };

const here = new URL(".", import.meta.url);
const isRoom = (name: string) => readFileSync(new URL(name, here), "utf8").includes("\nexport const en =");
const names = readdirSync(here).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && isRoom(name));
const rooms = await Promise.all(names.map(async (name) => [name, (await import(`./${name}`)) as Room] as const));

const formsOf = (text: Text) => (typeof text === "string" ? [text] : [text.one, text.other]);
const placesOf = (text: Text) => formsOf(text).map((form) => [...form.matchAll(/\{\w+\}/g)].map(String).sort().join());

test("every word is there in German, and no other", () => {
  assert.ok(rooms.length > 5);
  for (const [name, { en, de }] of rooms) assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort(), name);
});

test("both languages have the same places, and the same kinds of numbers", () => {
  for (const [name, { en, de }] of rooms)
    for (const word of Object.keys(en)) {
      assert.equal(typeof de[word], typeof en[word], `${name} ${word}`);
      const [own, other] = [new Set(placesOf(en[word]!)), new Set(placesOf(de[word]!))];
      assert.deepEqual([...own].sort(), [...other].sort(), `${name} ${word}`);
    }
});

test("nothing is empty, and no word stands in two rooms", () => {
  const seen = new Map<string, string>();
  for (const [name, room] of rooms)
    for (const word of Object.keys(room.en)) {
      assert.ok(
        [...formsOf(room.en[word]!), ...formsOf(room.de[word]!)].every((form) => form.trim()),
        word,
      );
      assert.equal(seen.get(word), undefined, `${word} in ${name}`);
      seen.set(word, name);
    }
});

test("what the page is made of holds every room", () => {
  const source = readFileSync(new URL("./words.ts", here), "utf8");
  for (const name of names) assert.ok(source.includes(`"./${name}"`), name);
});

test("a German sentence is not an English one that was left", () => {
  for (const [name, { en, de }] of rooms)
    for (const word of Object.keys(en)) {
      const isSentence =
        formsOf(en[word]!)[0]!
          .replace(/\{\w+\}/g, "")
          .trim()
          .split(/\s+/).length > 2;
      if (isSentence) assert.notDeepEqual(de[word], en[word], `${name} ${word}`);
    }
});

test("the third language marks each, and keeps its places", () => {
  for (const [, { en }] of rooms) {
    const marked = pseudo(en);
    for (const word of Object.keys(en)) {
      assert.ok(formsOf(marked[word]!).every((form) => form.startsWith("⟦") && form.endsWith("⟧")));
      assert.deepEqual(placesOf(marked[word]!), placesOf(en[word]!));
    }
  }
});
