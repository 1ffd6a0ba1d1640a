// Durations as people say them.
import { locale } from "../words/words.ts";

const UNITS: [unit: string, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** "12 s", "3.5 h"; always one unit. */
export function lasting(seconds: number): string {
  const [unit, length] = UNITS.find(([, one]) => seconds >= one * 2) ?? ["second", 1];
  const amount = seconds / length;
  const maximumFractionDigits = amount < 10 && unit !== "second" ? 1 : 0;
  return amount.toLocaleString(locale.value, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits });
}
