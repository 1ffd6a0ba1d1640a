// What somebody has changed in variables shown as JSON.
import type { Json, Values } from "../api/shapes.ts";

export interface Differences {
  variables: Values;
  removed: string[];
}

/** Raises `SyntaxError` where it is no JSON, `TypeError` where it is no object. */
export function readVariables(text: string): Values {
  const found: unknown = JSON.parse(text.trim() || "{}");
  if (found === null || typeof found !== "object" || Array.isArray(found)) throw new TypeError();
  return found as Values;
}

export function differences(before: Values, after: Values): Differences {
  const changed = Object.entries(after).filter(([name, value]) => !(name in before) || !same(before[name]!, value));
  return {
    variables: Object.fromEntries(changed),
    removed: Object.keys(before).filter((name) => !(name in after)),
  };
}

export const isEmpty = ({ variables, removed }: Differences): boolean =>
  !removed.length && !Object.keys(variables).length;

function same(one: Json, other: Json): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [one as Values, other as Values];
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => name in right && same(left[name]!, right[name]!))
  );
}
