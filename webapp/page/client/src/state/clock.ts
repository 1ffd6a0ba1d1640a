// The present, in steps of half a minute: what is said of times follows it.
import { signal } from "@preact/signals";

const STEP = 30_000;

export const now = signal(Date.now());

export function followClock(): void {
  setInterval(() => {
    now.value = Date.now();
  }, STEP);
}

export const isPast = (iso: string): boolean => new Date(iso).getTime() < now.value;
