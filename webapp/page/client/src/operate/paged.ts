// A list that is read page after page, as far as one goes on.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import type { Listed } from "./listed.ts";
import { reasonOf } from "./outcomes.tsx";

interface Page<Item> {
  items: Item[];
  next: string | null;
  away?: Record<string, string>;
}

export interface Paged<Item, More = unknown> extends Pick<Listed<Item>, "items" | "away" | "failed"> {
  /** What a page says beside its items: of the page read last, null before. */
  said: More | null;
  /** Reads the next page; null at the end. */
  more: (() => void) | null;
}

/** `path` has a question already: `/ops/audit?size=50`. */
export function usePaged<Item, More = unknown>(path: string): Paged<Item, More> {
  const [found, setFound] = useState<{ path: string; page: Page<Item> & More } | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    call<Page<Item> & More>(path, { signal: stop.signal }).then(
      ({ body }) => {
        setFound({ path, page: body });
        setFailed(null);
      },
      (error) => stop.signal.aborted || setFailed(reasonOf(error)),
    );
    return () => stop.abort();
  }, [path]);
  const page = found?.page;
  const more = async () => {
    try {
      const { body } = await call<Page<Item> & More>(`${path}&after=${encodeURIComponent(page!.next!)}`);
      // Another question may have been asked meanwhile, and a second click reads the same page.
      setFound((now) =>
        now?.path === path && now.page === page
          ? { path, page: { ...body, items: [...page!.items, ...body.items], away: { ...page!.away, ...body.away } } }
          : now,
      );
    } catch (error) {
      setFailed(reasonOf(error));
    }
  };
  return {
    items: page?.items ?? null,
    said: page ?? null,
    away: page?.away ?? {},
    failed,
    // A page of another question does not go on in this one.
    more: page?.next && found?.path === path ? () => void more() : null,
  };
}
