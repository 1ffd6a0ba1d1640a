// Days ahead, in the morning, on the reader's own clock.

const MORNING = 8;

export function morningIn(days: number, from = new Date()): Date {
  // By the calendar and not by hours: a day on which clocks change has not 24 of them.
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, MORNING);
}

export const nextMonday = (from = new Date()): Date => morningIn((8 - from.getDay()) % 7 || 7, from);

const two = (number: number) => String(number).padStart(2, "0");

/** As a field for date and time has it. */
export const local = (date: Date): string =>
  `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
