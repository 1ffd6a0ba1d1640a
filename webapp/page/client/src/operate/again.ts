// Whether something that failed has failed again: of which incident another is the next.
import type { Incident } from "./shapes.ts";

/** The newest of these in which the same has failed later. */
export function nextOf(before: Incident, open: readonly Incident[]): Incident | null {
  const same = open.filter(
    (one) =>
      one.id !== before.id &&
      one.processInstanceId === before.processInstanceId &&
      one.element === before.element &&
      one.kind === before.kind &&
      new Date(one.created) >= new Date(before.created),
  );
  return same.sort((one, other) => other.created.localeCompare(one.created))[0] ?? null;
}
