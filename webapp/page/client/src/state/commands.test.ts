import assert from "node:assert/strict";
import { test } from "node:test";
import type { Task } from "../api/shapes.ts";
import { act, isStale } from "./commands.ts";

const task = { id: "approval:1", name: "Approve", revision: 7 } as Task;
const asked: Headers[] = [];

function answering(status: number, body: object): void {
  Object.assign(globalThis, {
    document: { querySelector: () => null },
    fetch: async (_address: string, sent: { headers: Record<string, string> }) => {
      asked.push(new Headers(sent.headers));
      return new Response(JSON.stringify(body), { status });
    },
  });
}

test("what is to be done to what was seen says which revision that was", async () => {
  answering(200, task);
  await act(task, "complete", { variables: {} }, true);
  await act(task, "claim");
  assert.deepEqual(
    asked.map((headers) => headers.get("If-Match")),
    ['"7"', null],
  );
});

test("that it was another is the caller's to say", async () => {
  const revision = 9;
  answering(412, { type: "https://taskpool.example/problems/stale-revision", status: 412, revision });
  await assert.rejects(
    act(task, "complete", {}, true),
    (error) => isStale(error) && error.document.revision === revision,
  );
});
