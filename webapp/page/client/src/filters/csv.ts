// Rows as a spreadsheet reads them.

const MARK = "\uFEFF";

/** With quotes where they are needed; what a spreadsheet would calculate is marked as text. */
export function csvValue(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",;\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Marked as UTF-8, since some spreadsheets would guess otherwise. */
export const csvOf = (rows: (string | number | null)[][]): string =>
  MARK + rows.map((row) => `${row.map(csvValue).join(",")}\r\n`).join("");
