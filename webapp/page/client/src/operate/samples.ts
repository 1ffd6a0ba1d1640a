// How much waited in the last hour: what the server has kept, and what this page has seen since.
import type { Past, Status } from "./shapes.ts";

export const HOUR = 3_600_000;
export const STEP = 5000;
/** Two times with nothing between them for longer than this: nobody looked. The server looks every twenty seconds. */
export const GAP = 50_000;

type Numbers = Record<string, number>;

export interface Sample {
  at: number;
  /** Seconds the first waiting event has waited, by application. */
  lag: Numbers;
  /** Events that wait to be published, by application. */
  outbox: Numbers;
  /** Messages that wait, by queue. */
  queues: Numbers;
}

type Kind = "lag" | "outbox" | "queues";

/** A number of one kind at one time; null where who was asked did not answer. */
export type Point = [at: number, value: number | null];

export function sampleOf(status: Status, at: number): Sample {
  const lag: Numbers = {};
  const outbox: Numbers = {};
  for (const [name, found] of Object.entries(status.applications)) {
    if (!found.reachable) continue;
    lag[name] = found.oldestSeconds ?? 0;
    outbox[name] = found.outbox ?? 0;
  }
  const depths = Object.entries(status.queues).map(([name, found]) => [name, found.messages]);
  return { at, lag, outbox, queues: Object.fromEntries(depths) };
}

/** What the server has kept, at the times of this browser's clock, which may be another. */
export function samplesOf(past: Past, now: number): Sample[] {
  const ahead = now - Date.parse(past.now);
  const numbers = (kind: Kind, place: number): Numbers =>
    Object.fromEntries(
      Object.entries(past[kind]).flatMap(([name, all]) => {
        const value = all[place];
        return value === null || value === undefined ? [] : [[name, value]];
      }),
    );
  return past.times.map((time, place) => ({
    at: Date.parse(time) + ahead,
    lag: numbers("lag", place),
    outbox: numbers("outbox", place),
    queues: numbers("queues", place),
  }));
}

/** All of the hour before the newest, in order. */
export function joined(some: Sample[], others: Sample[]): Sample[] {
  const all = [...some, ...others].sort((one, other) => one.at - other.at);
  const end = all.at(-1)?.at ?? 0;
  return all.filter((one) => one.at > end - HOUR);
}

export const pointsOf = (samples: Sample[], kind: Kind, name: string): Point[] =>
  samples.map((one) => [one.at, one[kind][name] ?? null]);

/** Lines through the points of the hour that ends with the last, in a box of that size; apart where nothing is known. */
export function linesThrough(points: Point[], width: number, height: number): string[] {
  const end = points.at(-1)?.[0] ?? 0;
  const most = Math.max(...known(points), 1);
  const at = ([moment, value]: [number, number]) =>
    `${round(width - ((end - moment) / HOUR) * width)},${round(height - (value / most) * height)}`;
  // A line of one point would not be drawn.
  return stretches(points).map((line) => (line.length > 1 ? line : [...line, ...line]).map(at).join(" "));
}

/** Whether there is a gap between the first that is known and now. */
export const hasGaps = (points: Point[]): boolean => stretches(points).length > 1 || points.at(-1)?.[1] === null;

export const known = (points: Point[]): number[] => points.flatMap(([, value]) => (value === null ? [] : [value]));

function stretches(points: Point[]): [number, number][][] {
  const found: [number, number][][] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const [at, value] of points) {
    if (value === null) {
      before = Number.NEGATIVE_INFINITY;
      continue;
    }
    if (at - before > GAP) found.push([]);
    found.at(-1)!.push([at, value]);
    before = at;
  }
  return found;
}

const round = (value: number) => Math.round(value * 10) / 10;
