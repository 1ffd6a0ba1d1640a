// Which columns the reader has chosen, and how wide they made them: kept on the device.
import { computed } from "@preact/signals";
import { tab } from "../state/place.ts";
import { kept } from "../state/preferences.ts";
import { areColumns, areWidths, columnOf, firstColumns, within } from "./columns.ts";
import { isWidest } from "./layout.ts";

/** Null until something has been chosen. */
export const chosenColumns = kept<string[] | null>("columns", null, areColumns);
export const widths = kept<Record<string, number>>("column widths", {}, areWidths);

export const shownColumns = computed(
  () => chosenColumns.value ?? firstColumns(isWidest.value, tab.value === "deferred"),
);

export const widthOf = (path: string): number => widths.value[path] ?? columnOf(path).width;

export function widen(path: string, width: number): void {
  widths.value = { ...widths.peek(), [path]: within(width) };
}
