// Reads the numbers of `/metrics` that say how much waits; counters with several labels are left out.
import type { Gauges } from "./shapes.ts";

const LINE = /^taskpool_(\w+?)(?:\{(\w+)="((?:[^"\\]|\\.)*)"\})? (\S+)$/;
const HISTOGRAM = /_(bucket|sum|count|total|created)$/;

export function readGauges(text: string): Gauges {
  const found: Gauges = {};
  for (const line of text.split("\n")) {
    const [, name, , label, value] = LINE.exec(line) ?? [];
    if (!name || HISTOGRAM.test(name)) continue;
    found[name] ??= {};
    found[name][label ?? ""] = Number(value);
  }
  return found;
}

/** Their sum, or null where nobody has said. */
export function sum(numbers: Record<string, number> | undefined): number | null {
  const all = Object.values(numbers ?? {});
  return all.length ? all.reduce((before, one) => before + one, 0) : null;
}
