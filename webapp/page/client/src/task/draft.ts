// What was filled in and not sent: kept by the server while one types, and back on any device.
import { call, Problem, pause } from "../api/calls.ts";
import { ofTask } from "../api/paths.ts";
import type { Values } from "../api/shapes.ts";
import { kept } from "../state/preferences.ts";

export type Saved = "no" | "saved" | "failed";

export interface Draft {
  variables: Values;
  time: string;
}

const PATIENCE = 800;
const AGAIN = 5000;
const REMEMBERED = 100;

// When this device last saved which: another time is another device's.
const own = kept<Record<string, string>>("drafts", {}, (value) => typeof value === "object" && !Array.isArray(value));

/** The draft of one task; what it does it does one after the other. */
export class DraftKeeper {
  private readonly path: string;
  private readonly id: string;
  private readonly told: (state: Saved) => void;
  private wanted: Values | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private ended = false;

  constructor(taskId: string, told: (state: Saved) => void) {
    this.id = taskId;
    this.path = ofTask(taskId, "draft");
    this.told = told;
  }

  /** What was kept, and whether another device kept it; null where nothing was. */
  async read(): Promise<{ draft: Draft; elsewhere: boolean } | null> {
    try {
      const { body } = await call<Draft>(this.path);
      return { draft: body, elsewhere: own.peek()[this.id] !== body.time };
    } catch (error) {
      if (error instanceof Problem) return null;
      await pause(AGAIN);
      return this.ended ? null : this.read();
    }
  }

  /** Keeps it when nothing more has come for a moment. */
  write(variables: Values): void {
    this.wanted = variables;
    this.told("no");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PATIENCE);
  }

  /** Keeps now what waits to be kept. */
  flush(): void {
    clearTimeout(this.timer);
    const variables = this.wanted;
    if (!variables) return;
    this.wanted = null;
    this.turn = this.turn.then(() => this.save(variables));
  }

  /** Keeps nothing any more, and forgets what was kept. */
  forget(): void {
    clearTimeout(this.timer);
    this.wanted = null;
    this.turn = this.turn.then(() => call(this.path, { method: "DELETE" })).catch(() => {});
    this.told("no");
  }

  quit(): void {
    this.ended = true;
    this.flush();
  }

  private async save(variables: Values): Promise<void> {
    try {
      const { body } = await call<Draft>(this.path, { method: "POST", body: { variables } });
      const newest = Object.entries({ ...own.peek(), [this.id]: body.time }).slice(-REMEMBERED);
      own.value = Object.fromEntries(newest);
      if (!this.wanted) this.told("saved");
    } catch (error) {
      this.told("failed");
      if (error instanceof Problem || this.ended || this.wanted) return;
      this.wanted = variables;
      this.timer = setTimeout(() => this.flush(), AGAIN);
    }
  }
}
