// Holds the request for news of a list while the page is shown; of all tabs with the same list only one does.
const WAIT = 25;

/** Asks once for news and waits so many seconds for it; whether there was any. */
export type Attempt = (wait: number, given: AbortSignal) => Promise<boolean>;

// A hidden page holds nothing, and catches up when it is shown again.
export async function follow(name: string, attempt: Attempt, given: AbortSignal): Promise<void> {
  while (!given.aborted) {
    await shown(given);
    const watching = new AbortController();
    const stop = () => watching.abort();
    const look = () => document.hidden && stop();
    given.addEventListener("abort", stop);
    document.addEventListener("visibilitychange", look);
    await watch(name, attempt, watching.signal);
    document.removeEventListener("visibilitychange", look);
    given.removeEventListener("abort", stop);
  }
}

// Of all tabs that show the same list one holds the request, since a browser has only six; it tells the others.
async function watch(name: string, attempt: Attempt, given: AbortSignal): Promise<void> {
  if (!navigator.locks || !window.BroadcastChannel) return hold(attempt, given, () => {});
  const channel = new BroadcastChannel(name);
  let holds = false;
  const catchUp = () => holds || given.aborted || attempt(0, given);
  channel.onmessage = catchUp;
  // What has happened before this tab listened; the one that holds the request hears of it anyway.
  const soon = setTimeout(catchUp, 200);
  try {
    await navigator.locks.request(name, { signal: given }, () => {
      holds = true;
      return hold(attempt, given, () => channel.postMessage("news"));
    });
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
  clearTimeout(soon);
  channel.close();
}

async function hold(attempt: Attempt, given: AbortSignal, tell: () => void): Promise<void> {
  while (!given.aborted) if (await attempt(WAIT, given)) tell();
}

function shown(given: AbortSignal): Promise<unknown> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    document.addEventListener("visibilitychange", done, { once: true });
    given.addEventListener("abort", done, { once: true });
  });
}
