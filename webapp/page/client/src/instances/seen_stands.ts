// Where the running instances of a page stand, by the open tasks of theirs that the reader sees: one question for all.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import type { TaskPage } from "../api/shapes.ts";
import { among } from "./quoted.ts";
import { hasEnded, type Instance } from "./shapes.ts";
import { byInstance, type Stand } from "./stands.ts";

const MOST = 200;

/** By the engine's id of the instance; null until it is known. Asked again with `times`. */
export function useSeenStands(instances: readonly Instance[], times: number): ReadonlyMap<string, Stand[]> | null {
  const ids = instances.filter((one) => !hasEnded(one)).map((one) => one.processInstanceId);
  const key = ids.join(" ");
  const [found, setFound] = useState<ReadonlyMap<string, Stand[]> | null>(null);
  useEffect(() => {
    if (!ids.length) return;
    const stop = new AbortController();
    const filter = { or: among("task.processInstanceId", ids) };
    const body = { scope: "visible", deferred: "show", filter, size: MOST };
    call<TaskPage>("/tasks/search", { method: "POST", body, signal: stop.signal }).then(
      (answer) => setFound(byInstance(answer.body.items)),
      () => !stop.signal.aborted && setFound((before) => before ?? new Map()),
    );
    return () => stop.abort();
  }, [key, times]);
  return found;
}
