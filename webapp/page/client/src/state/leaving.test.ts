import assert from "node:assert/strict";
import { test } from "node:test";
import { Leaving } from "./leaving.ts";

test("it goes when the moment is over", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const leaving = new Leaving();
  const gone = leaving.fade("one", Promise.resolve("somebody took it"));
  await settled();
  assert.equal(leaving.ghosts.value.get("one"), "somebody took it");
  context.mock.timers.tick(4000);
  assert.equal(await gone, true);
  assert.equal(leaving.ghosts.value.size, 0);
});

test("what comes back stays, and may leave again", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const leaving = new Leaving();
  const first = leaving.fade("one", Promise.resolve("first"));
  await settled();
  leaving.stay("one");
  assert.equal(leaving.ghosts.value.size, 0);
  context.mock.timers.tick(1000);
  const second = leaving.fade("one", Promise.resolve("second"));
  await settled();
  context.mock.timers.tick(3000);
  assert.equal(await first, false);
  assert.equal(leaving.ghosts.value.get("one"), "second");
  context.mock.timers.tick(1000);
  assert.equal(await second, true);
});

test("of another list nothing is left", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const leaving = new Leaving();
  const gone = leaving.fade("one", Promise.resolve(""));
  await settled();
  leaving.forget();
  context.mock.timers.tick(4000);
  assert.equal(await gone, false);
});

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
