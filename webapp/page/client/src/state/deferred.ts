// When a deferred task comes back.

/** Whether it waits still: the date of one that has come back stays with it. */
export const isToCome = (followUpDate: string | null): followUpDate is string =>
  followUpDate !== null && Date.parse(followUpDate) > Date.now();
