// A list that is read again and again while it is shown; what was decided about stays until the page is left.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { reasonOf } from "./outcomes.tsx";

const EVERY = 10_000;

interface Read<Item> {
  items: Item[];
  away?: Record<string, string>;
}

export interface Listed<Item> {
  /** Null until it was read once. */
  items: Item[] | null;
  away: Record<string, string>;
  failed: string | null;
  reread: () => Promise<Item[]>;
}

export function useListed<Item extends { id: string }>(path: string, keep: (id: string) => boolean): Listed<Item> {
  const [found, setFound] = useState<Read<Item> | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const kept = useRef(keep);
  kept.current = keep;
  const reread = useCallback(async () => {
    const { body } = await call<Read<Item>>(path);
    setFailed(null);
    setFound((before) => ({ ...body, items: withKept(before?.items ?? [], body.items, kept.current) }));
    return body.items;
  }, [path]);
  useEffect(() => {
    let stopped = false;
    const look = () => {
      if (document.hidden) return;
      reread().catch((error: unknown) => stopped || setFailed(reasonOf(error)));
    };
    look();
    const timer = setInterval(look, EVERY);
    document.addEventListener("visibilitychange", look);
    return () => {
      stopped = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [reread]);
  return { items: found?.items ?? null, away: found?.away ?? {}, failed, reread };
}

// Where it was, so that nothing moves under the pointer.
function withKept<Item extends { id: string }>(before: Item[], now: Item[], keep: (id: string) => boolean): Item[] {
  const there = new Map(now.map((one) => [one.id, one]));
  const stay = before.flatMap((one) => there.get(one.id) ?? (keep(one.id) ? one : []));
  const staying = new Set(stay.map((one) => one.id));
  return [...now.filter((one) => !staying.has(one.id)), ...stay];
}
