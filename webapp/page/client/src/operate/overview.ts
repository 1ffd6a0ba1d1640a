// How everything is, asked every five seconds while somebody looks at the operator's page.
import { signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Seen } from "./findings.ts";
import { readGauges } from "./gauges.ts";
import { GAP, joined, type Sample, STEP, sampleOf, samplesOf } from "./samples.ts";
import type { Past, Readiness, Status } from "./shapes.ts";

export interface Overview extends Seen {
  at: number;
}

export const overview = signal<Overview | null>(null);
export const samples = signal<Sample[]>([]);
/** Until when nothing is missing in them that the server knows. */
let whole = 0;

/** Asks until the answer is called; nothing is asked while nobody sees the page. */
export function followOverview(): () => void {
  let busy = false;
  const look = async () => {
    if (busy || document.hidden) return;
    busy = true;
    await Promise.all([readPast(), read()]).finally(() => {
      busy = false;
    });
  };
  void look();
  const timer = setInterval(look, STEP);
  document.addEventListener("visibilitychange", look);
  return () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

async function read(): Promise<void> {
  const [status, readiness, gauges] = await Promise.allSettled([
    call<Status>("/ops/status").then(({ body }) => body),
    // It says 503 together with the reasons.
    fetch("/readyz").then((answer) => answer.json() as Promise<Readiness>),
    fetch("/metrics").then(async (answer) => (answer.ok ? readGauges(await answer.text()) : {})),
  ]);
  const failed = status.status === "rejected" ? String((status.reason as Error).message) : null;
  const at = Date.now();
  overview.value = {
    status: status.status === "fulfilled" ? status.value : (overview.peek()?.status ?? null),
    readiness: readiness.status === "fulfilled" ? readiness.value : null,
    gauges: gauges.status === "fulfilled" ? gauges.value : {},
    failed,
    at,
  };
  if (status.status === "rejected") return;
  samples.value = joined(samples.peek(), [sampleOf(status.value, at)]);
  if (at - whole < GAP) whole = at;
}

/** What was while nobody looked here; where it is not answered it is asked again. */
async function readPast(): Promise<void> {
  const [now, since] = [Date.now(), whole];
  if (now - since < GAP) return;
  const past = await call<Past>("/ops/history").catch(() => null);
  if (!past) return;
  const missed = samplesOf(past.body, now).filter(({ at }) => at > since && at <= now);
  samples.value = joined(samples.peek(), missed);
  whole = now;
}
