// Somebody a task may be given to.

export interface Person {
  username: string;
  groups: string[];
}

/** Those of `order` first, and in its order. */
export function byRecent(people: Person[], order: string[]): Person[] {
  const place = ({ username }: Person) => (order.includes(username) ? order.indexOf(username) : order.length);
  return people.toSorted((one, other) => place(one) - place(other));
}
