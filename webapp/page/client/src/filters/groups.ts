// The filters of a list as chips: one after the other, those joined by "or" in a group.
import type { Filter } from "../api/shapes.ts";

/** Which chip: the filter, and the member of it where it is a group. */
export interface At {
  index: number;
  member: number;
}

/** Those joined by "or"; of another filter, itself. */
export const membersOf = (filter: Filter): Filter[] =>
  typeof filter !== "string" && "or" in filter && filter.or.length ? filter.or : [filter];

/** All that must hold, one by one. */
export function flat(filters: readonly Filter[]): Filter[] {
  return filters.flatMap((one) => {
    if (Array.isArray(one)) return flat(one);
    return one && typeof one !== "string" && "and" in one ? flat(one.and) : one ? [one] : [];
  });
}

const grouped = (members: Filter[]): Filter[] =>
  members.length > 1 ? [{ or: members.flatMap(membersOf) }] : members.slice(0, 1);

/** Joins a filter with the next by "or". */
export function joined(filters: Filter[], index: number): Filter[] {
  const both = [...membersOf(filters[index]!), ...membersOf(filters[index + 1]!)];
  return [...filters.slice(0, index), ...grouped(both), ...filters.slice(index + 2)];
}

/** Ends a group behind a member: what follows must hold, too. */
export function parted(filters: Filter[], { index, member }: At): Filter[] {
  const all = membersOf(filters[index]!);
  const halves = [...grouped(all.slice(0, member + 1)), ...grouped(all.slice(member + 1))];
  return [...filters.slice(0, index), ...halves, ...filters.slice(index + 1)];
}

/** With others in its place; none take it away. */
export function replaced(filters: Filter[], { index, member }: At, others: Filter[]): Filter[] {
  const all = membersOf(filters[index]!);
  const found = all.length > 1 ? grouped([...all.slice(0, member), ...others, ...all.slice(member + 1)]) : others;
  return [...filters.slice(0, index), ...found, ...filters.slice(index + 1)];
}

/** Number of chips before one. */
export const chipNumber = (filters: Filter[], { index, member }: At): number =>
  filters.slice(0, index).reduce((sum, one) => sum + membersOf(one).length, member);
