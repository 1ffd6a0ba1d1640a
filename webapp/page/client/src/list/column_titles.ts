// What columns are called, and orders by them.
import { t } from "../words/words.ts";
import { columnOf } from "./columns.ts";
import { readSort } from "./sorting.ts";

/** A value of the tasks' data is called by its path. */
export function titleOf(path: string): string {
  const { word } = columnOf(path);
  if (word) return t(word);
  return path === "endTime" ? t("column.endTime") : path.replace(/^payload\./, "");
}

/** "Due ↑, Name ↓" */
export const sortTitle = (sort: string): string =>
  readSort(sort)
    .map(({ path, descending }) => `${titleOf(path)} ${descending ? "↓" : "↑"}`)
    .join(", ");
