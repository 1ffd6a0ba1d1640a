// Where a finger goes: across a card, or down the page.

export type Swipe = "claim" | "defer";

const BEGINS = 14;
const FAR = 88;
const MOST = 140;

export interface Swiping {
  to: Swipe;
  /** What letting go does; null: not far enough. */
  way: Swipe | null;
  /** How far the card goes along, in pixels. */
  shift: number;
}

/** What a finger does that went `across` and `down` since it came. */
export function swipeOf(
  across: number,
  down: number,
  allowed: readonly Swipe[],
  moves: boolean,
): Swiping | "scrolls" | "undecided" {
  if (!moves && Math.abs(down) >= BEGINS && Math.abs(down) > Math.abs(across)) return "scrolls";
  if (!moves && Math.abs(across) < BEGINS) return "undecided";
  const to: Swipe = across > 0 ? "claim" : "defer";
  if (!allowed.includes(to)) return moves ? { to, way: null, shift: 0 } : "scrolls";
  const shift = Math.sign(across) * Math.min(Math.abs(across), MOST);
  return { to, way: Math.abs(across) >= FAR ? to : null, shift };
}
