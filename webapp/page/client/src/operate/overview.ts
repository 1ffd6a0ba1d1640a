// How everything is, asked every five seconds while somebody looks at the operator's page.
import { signal } from "@preact/signals";
import { call } from "../api/calls.ts";
import type { Seen } from "./findings.ts";
import { readGauges } from "./gauges.ts";
import { added, readSamples, type Sample, STEP, sampleOf } from "./samples.ts";
import type { Readiness, Status } from "./shapes.ts";

const KEPT = "taskpool.operate.samples";

export interface Overview extends Seen {
  at: number;
}

export const overview = signal<Overview | null>(null);
export const samples = signal<Sample[]>([]);

/** Asks until the answer is called; nothing is asked while nobody sees the page. */
export function followOverview(): () => void {
  samples.value = readSamples(sessionStorage.getItem(KEPT), Date.now());
  let busy = false;
  const look = async () => {
    if (busy || document.hidden) return;
    busy = true;
    await read().finally(() => {
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
  samples.value = added(samples.peek(), sampleOf(status.value, at));
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(samples.peek()));
  } catch {
    // No room: the charts begin anew when the page is read again.
  }
}
