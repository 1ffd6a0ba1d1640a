// Under which heading a task stands by the day it is due.
export type Day = "overdue" | "today" | "tomorrow" | "week" | "later" | "none";

const SUNDAY = 7;

/** By the reader's own days; `firstDay`: on which a week begins, 1 is Monday. */
export function dayOf(dueDate: string | null, now: number, firstDay = 1): Day {
  if (!dueDate) return "none";
  const due = new Date(dueDate).getTime();
  if (due < now) return "overdue";
  if (due < midnight(now, 1)) return "today";
  if (due < midnight(now, 2)) return "tomorrow";
  const today = new Date(now).getDay() || SUNDAY;
  const left = SUNDAY - ((today - firstDay + SUNDAY) % SUNDAY);
  return due < midnight(now, left) ? "week" : "later";
}

// Days are counted as the calendar does it: one of them has 23 hours, another 25.
function midnight(now: number, days: number): number {
  const found = new Date(now);
  found.setDate(found.getDate() + days);
  return found.setHours(0, 0, 0, 0);
}
