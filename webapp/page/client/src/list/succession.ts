// Which row comes in the place of one that has gone.

/** The next that is still there, else the one before; null where nothing is left. */
export function successor(before: readonly string[], now: ReadonlySet<string>, gone: string): string | null {
  const index = before.indexOf(gone);
  if (index < 0) return null;
  return (
    before.slice(index + 1).find((id) => now.has(id)) ?? before.slice(0, index).findLast((id) => now.has(id)) ?? null
  );
}
