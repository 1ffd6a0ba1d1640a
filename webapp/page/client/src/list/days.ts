// Under which heading a task stands by the day it is due.
import { DAY, dayAt, startOf, weekOf, type Zone } from "../words/zones.ts";

export type Day = "overdue" | "today" | "tomorrow" | "week" | "later" | "none";

const WEEK = 7 * DAY;

/** When what is under each heading ends. */
export interface Ends {
  now: number;
  today: number;
  tomorrow: number;
  week: number;
}

/** By the days of a time zone; `firstDay`: on which a week begins, 0 is Sunday. */
export function endsOf(now: number, firstDay: number, zone: Zone): Ends {
  const today = dayAt(now, zone);
  const week = startOf(weekOf(today, firstDay) + WEEK, zone);
  return { now, today: startOf(today + DAY, zone), tomorrow: startOf(today + 2 * DAY, zone), week };
}

export function dayOf(dueDate: string | null, ends: Ends): Day {
  if (!dueDate) return "none";
  const due = new Date(dueDate).getTime();
  if (due < ends.now) return "overdue";
  if (due < ends.today) return "today";
  if (due < ends.tomorrow) return "tomorrow";
  return due < ends.week ? "week" : "later";
}
