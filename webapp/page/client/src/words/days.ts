// Days of the calendar.

const DAY = 86_400_000;

/** Days of the calendar from then to now, in the reader's time zone. */
export function daysBetween(then: number, until: number): number {
  const start = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((start(until) - start(then)) / DAY);
}
