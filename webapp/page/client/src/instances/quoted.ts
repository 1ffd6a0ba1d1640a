// Values within filters.

/** As a filter reads it back, whatever is in it. */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** One filter for these values, or several where one would be too long; for `or`. */
export function among(field: string, values: readonly string[], most = 80): string[] {
  const found: string[] = [];
  for (let at = 0; at < values.length; at += most)
    found.push(
      `${field} in (${values
        .slice(at, at + most)
        .map(quoted)
        .join(", ")})`,
    );
  return found;
}
