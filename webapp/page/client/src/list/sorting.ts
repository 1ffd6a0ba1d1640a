// What clicks on the heads of columns make of the order asked for.
export interface SortKey {
  path: string;
  descending: boolean;
}

/** The server sorts by no more. */
const MOST = 5;
/** What is newest or greatest is wanted first. */
const DOWN_FIRST = new Set(["priority", "createTime", "endTime"]);

export function readSort(sort: string): SortKey[] {
  const keys = sort
    .split(",")
    .map((key) => key.trim())
    .filter(Boolean);
  return keys.map((key) => ({ path: key.replace(/^[-+]/, ""), descending: key.startsWith("-") }));
}

export const writeSort = (keys: SortKey[]): string =>
  keys.map(({ path, descending }) => `${descending ? "-" : ""}${path}`).join(",");

/** After a click on that column: sorted by it, then the other way round, then as at first; `more` keeps the others. */
export function clicked(sort: string, path: string, more = false): string {
  const keys = readSort(sort);
  const found = keys.find((key) => key.path === path);
  const first = DOWN_FIRST.has(path);
  const next = !found || (!more && keys.length > 1 && keys[0] !== found) ? first : !found.descending;
  const ends = found && found.descending !== first && (more || keys.length === 1);
  if (!more) return ends ? "" : writeSort([{ path, descending: next }]);
  if (!found) return writeSort([...keys.slice(0, MOST - 1), { path, descending: first }]);
  const left = keys.filter((key) => key !== found);
  return writeSort(ends ? left : keys.map((key) => (key === found ? { path, descending: next } : key)));
}
