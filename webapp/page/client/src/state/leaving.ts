// Rows that somebody else moved: they stay for a moment with a sentence, so that nobody wonders where they went.
import { type Signal, signal } from "@preact/signals";
import { pause } from "../api/calls.ts";

const MOMENT = 4000;

export class Leaving {
  /** By id, why; empty until it is known. */
  readonly ghosts: Signal<ReadonlyMap<string, string>> = signal(new Map());

  /** Whether it has gone when the moment is over, and was not forgotten. */
  async fade(id: string, reason: Promise<string>): Promise<boolean> {
    this.ghosts.value = new Map(this.ghosts.value).set(id, "");
    const began = Date.now();
    const why = await reason.catch(() => "");
    if (!this.ghosts.value.has(id)) return false;
    this.ghosts.value = new Map(this.ghosts.value).set(id, why);
    await pause(MOMENT - (Date.now() - began));
    const left = new Map(this.ghosts.value);
    if (!left.delete(id)) return false;
    this.ghosts.value = left;
    return true;
  }

  forget(): void {
    if (this.ghosts.peek().size) this.ghosts.value = new Map();
  }
}
