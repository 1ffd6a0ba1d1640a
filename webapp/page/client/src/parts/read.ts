// Reads a list of things for as long as it is shown.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";

/** The items of an answer; read again when `when` changes, and empty while nobody answers. */
export function useRead<Item>(path: string, when: unknown): Item[] {
  const [items, setItems] = useState<Item[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    call<{ items: Item[] }>(path, { signal: stop.signal }).then(
      ({ body }) => setItems(body.items),
      () => {},
    );
    return () => stop.abort();
  }, [path, when]);
  return items;
}
