// A list beside those of tasks: pages one after another, read again while it is shown.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { type Live, useLive } from "../instances/live.ts";

export interface PageOf<Item> {
  items: Item[];
  total: number;
  totalIsAtLeast: boolean;
  next: string | null;
}

const SIZE = 50;
/** The most that one answer holds. */
const MOST = 200;

export interface Listing<Item> extends Live<PageOf<Item>> {
  more: () => Promise<void>;
}

/** The items of `path` as `asked` says; what was read of further pages is read again with the first. */
export function useListing<Item extends { id: string }>(path: string, asked: URLSearchParams): Listing<Item> {
  const question = asked.toString();
  const [wanted, setWanted] = useState({ question, size: SIZE });
  const size = wanted.question === question ? wanted.size : SIZE;
  const live = useLive<PageOf<Item>>(`${path}?${question}`, async (signal) => {
    const read = (part: number, after?: string | null) => {
      const sent = new URLSearchParams({ ...Object.fromEntries([["size", String(part)]]) });
      for (const [name, value] of asked) sent.append(name, value);
      if (after) sent.set("after", after);
      return call<PageOf<Item>>(`${path}?${sent}`, { signal });
    };
    let { body } = await read(Math.min(size, MOST));
    let items = body.items;
    while (items.length < size && body.next) {
      body = (await read(Math.min(size - items.length, MOST), body.next)).body;
      items = [...items, ...body.items];
    }
    return { ...body, items };
  });
  useEffect(() => {
    if (size > SIZE) live.again();
  }, [size]);
  return { ...live, more: async () => setWanted({ question, size: size + SIZE }) };
}
