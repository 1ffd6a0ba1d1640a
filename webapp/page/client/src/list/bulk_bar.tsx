// What one can do with all the rows that are chosen.
export function BulkBar() {
  return null;
}
