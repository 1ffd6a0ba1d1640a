// The last hour as this page has seen it: the server keeps no history.
import type { Status } from "./shapes.ts";

export const HOUR = 3_600_000;
export const STEP = 5000;

type Numbers = Record<string, number>;

export interface Sample {
  at: number;
  /** Seconds the first waiting event has waited, by application. */
  lag: Numbers;
  /** Events that wait to be published, by application. */
  outbox: Numbers;
  /** Messages that wait, by queue. */
  queue: Numbers;
}

/** A number of one kind at one time. */
export type Point = [at: number, value: number];

export function sampleOf(status: Status, at: number): Sample {
  const lag: Numbers = {};
  const outbox: Numbers = {};
  for (const [name, found] of Object.entries(status.applications)) {
    if (!found.reachable) continue;
    lag[name] = found.oldestSeconds ?? 0;
    outbox[name] = found.outbox ?? 0;
  }
  const depths = Object.entries(status.queues).map(([name, found]) => [name, found.messages]);
  return { at, lag, outbox, queue: Object.fromEntries(depths) };
}

/** All of the last hour with the newest. */
export const added = (before: Sample[], next: Sample): Sample[] => [
  ...before.filter((one) => one.at > next.at - HOUR && one.at < next.at),
  next,
];

/** What was kept; nothing where it cannot be read. */
export function readSamples(text: string | null, now: number): Sample[] {
  try {
    const found: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(found)) return [];
    return (found as Sample[]).filter(
      (one) => one.at > now - HOUR && one.at <= now && one.lag && one.outbox && one.queue,
    );
  } catch {
    return [];
  }
}

export function pointsOf(samples: Sample[], kind: "lag" | "outbox" | "queue", name: string): Point[] {
  return samples.flatMap((one): Point[] => {
    const value = one[kind][name];
    return value === undefined ? [] : [[one.at, value]];
  });
}

/** Lines through the points in a box of that size; apart where nobody looked for longer than `gap`. */
export function linesThrough(points: Point[], width: number, height: number, gap = STEP * 4): string[] {
  if (!points.length) return [];
  const from = points[0]![0];
  const length = Math.max(points.at(-1)![0] - from, 2 * 60_000);
  const most = Math.max(...points.map(([, value]) => value), 1);
  const lines: string[][] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const [at, value] of points) {
    if (at - before > gap) lines.push([]);
    before = at;
    const x = width - ((points.at(-1)![0] - at) / length) * width;
    lines.at(-1)!.push(`${round(x)},${round(height - (value / most) * height)}`);
  }
  return lines.map((line) => line.join(" "));
}

const round = (value: number) => Math.round(value * 10) / 10;
