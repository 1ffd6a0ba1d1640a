// Days of the calendar.

import { DAY, dayAt, type Zone } from "./zones.ts";

/** Days of the calendar of a time zone from then to a later moment. */
export const daysBetween = (then: number, until: number, zone: Zone): number =>
  (dayAt(until, zone) - dayAt(then, zone)) / DAY;
