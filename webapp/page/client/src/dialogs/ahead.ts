// Days ahead, in the morning, as clocks of the reader's time zone show it.
import { DAY, dayAt, momentOf, weekOf, type Zone } from "../words/zones.ts";

const MORNING = 8 * 3_600_000;

/** By the calendar and not by hours: a day on which clocks change has not 24 of them. */
export const morningIn = (days: number, zone: Zone, from = Date.now()): number =>
  momentOf(dayAt(from, zone) + days * DAY + MORNING, zone);

/** Where weeks begin on `first`, 0 for Sunday. */
export const nextWeek = (first: number, zone: Zone, from = Date.now()): number =>
  momentOf(weekOf(dayAt(from, zone), first) + 7 * DAY + MORNING, zone);
