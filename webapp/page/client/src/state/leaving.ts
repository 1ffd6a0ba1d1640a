// Rows that somebody else moved: they stay for a moment with a sentence, so that nobody wonders where they went.
import { type Signal, signal } from "@preact/signals";
import { pause } from "../api/calls.ts";

const MOMENT = 4000;

export class Leaving {
  /** By id, why; empty until it is known. */
  readonly ghosts: Signal<ReadonlyMap<string, string>> = signal(new Map());

  // By id, which of its leavings counts: one may come back, and leave again.
  private readonly turns = new Map<string, symbol>();

  /** Whether it has gone when the moment is over: it has not come back, and the list is the same. */
  async fade(id: string, reason: Promise<string>): Promise<boolean> {
    const turn = Symbol(id);
    this.turns.set(id, turn);
    const counts = () => this.turns.get(id) === turn;
    this.ghosts.value = new Map(this.ghosts.value).set(id, "");
    const began = Date.now();
    const why = await reason.catch(() => "");
    if (!counts()) return false;
    this.ghosts.value = new Map(this.ghosts.value).set(id, why);
    await pause(MOMENT - (Date.now() - began));
    if (!counts()) return false;
    this.stay(id);
    return true;
  }

  /** It is in the list again. */
  stay(id: string): void {
    if (!this.turns.delete(id)) return;
    const left = new Map(this.ghosts.peek());
    left.delete(id);
    this.ghosts.value = left;
  }

  forget(): void {
    this.turns.clear();
    if (this.ghosts.peek().size) this.ghosts.value = new Map();
  }
}
