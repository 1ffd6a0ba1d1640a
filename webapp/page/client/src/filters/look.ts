// What a saved filter looks like beside its name: a colour, and what it is for.
import type { SavedFilter } from "../api/shapes.ts";

export const COLORS = ["gray", "red", "orange", "yellow", "green", "blue", "purple"] as const;
export type Color = (typeof COLORS)[number];
export const LONGEST_DESCRIPTION = 500;

export interface Look {
  description: string;
  color: Color | null;
}

export const NO_LOOK: Look = { description: "", color: null };

/** A server that knows neither of them says nothing; a colour that is not known here is none. */
export const lookOf = (one: Pick<SavedFilter, "description" | "color"> | null | undefined): Look => ({
  description: one?.description ?? "",
  color: COLORS.find((color) => color === one?.color) ?? null,
});

/** What is sent of it: only what is there, or has been and is to go. */
export function lookSent(now: Look, before: Look): { description?: string | null; color?: Color | null } {
  const description = now.description.trim();
  return {
    ...(description || before.description ? { description: description || null } : {}),
    ...(now.color || before.color ? { color: now.color } : {}),
  };
}
