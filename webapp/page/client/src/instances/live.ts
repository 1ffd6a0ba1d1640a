// Reads something for as long as it is shown: again every 20 seconds, and when the window comes back.
import { useEffect, useRef, useState } from "preact/hooks";
import { call, Problem } from "../api/calls.ts";

const EVERY = 20_000;

export interface Live<Found> {
  /** Null until it has been read, and once it is not there any more. */
  found: Found | null;
  /** Why it could not be read; what was found before stays. */
  problem: Problem | null;
  /** How often it was read: whoever shows more beside it reads that again, too. */
  times: number;
  again: () => void;
}

/** What `ask` finds, for as long as `key` stays the same; nothing is asked where it is null. */
export function useLive<Found>(key: string | null, ask: (stop: AbortSignal) => Promise<Found>): Live<Found> {
  const [state, setState] = useState<{ key: string | null; found: Found | null; problem: Problem | null }>({
    key: null,
    found: null,
    problem: null,
  });
  const [times, setTimes] = useState(0);
  const again = useRef(() => {});
  const asked = useRef(ask);
  asked.current = ask;
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    let busy = false;
    let isWantedAgain = false;
    const read = async (): Promise<void> => {
      if (busy) {
        isWantedAgain = true;
        return;
      }
      busy = true;
      isWantedAgain = false;
      try {
        const found = await asked.current(stop.signal);
        if (stop.signal.aborted) return;
        // What says the same stays the same thing: nothing is drawn anew.
        setState((before) =>
          before.key === key && same(before.found, found) ? before : { key, found, problem: null },
        );
        setTimes((before) => before + 1);
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!(error instanceof Problem)) return;
        const gone = error.document.status === 404;
        setState((before) => ({ key, found: gone || before.key !== key ? null : before.found, problem: error }));
      } finally {
        busy = false;
      }
      if (isWantedAgain) await read();
    };
    const look = () => !document.hidden && void read();
    again.current = () => void read();
    void read();
    const timer = setInterval(look, EVERY);
    document.addEventListener("visibilitychange", look);
    return () => {
      stop.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [key]);
  const current = state.key === key;
  return {
    found: current ? state.found : null,
    problem: current ? state.problem : null,
    times,
    again: () => again.current(),
  };
}

/** The answer at a path of the API. */
export const useLivePath = <Found>(path: string | null): Live<Found> =>
  useLive(path, async (stop) => (await call<Found>(path!, { signal: stop })).body);

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
