// The colour of a saved filter, for those who see it: its name says the same to everybody.
import type { SavedFilter } from "../api/shapes.ts";
import { lookOf } from "./look.ts";
import "./look.css";

export function ColorDot({ of }: { of: Pick<SavedFilter, "color"> | null }) {
  const { color } = lookOf(of);
  return color && <span class={`color-dot ${color}`} aria-hidden="true" />;
}
