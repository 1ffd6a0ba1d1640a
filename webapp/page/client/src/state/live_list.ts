// A list of tasks that is read once and then kept current by held requests.
import { batch, type Signal, signal } from "@preact/signals";
import { pause } from "../api/calls.ts";
import type { Question, Task, TaskChanges } from "../api/shapes.ts";
import { askChanges, askPage, newsOf, Persistence } from "./asking.ts";
import { follow } from "./following.ts";
import { Frame } from "./frame.ts";
import { Leaving } from "./leaving.ts";
import { Places } from "./order.ts";

/** Who has to read again all at once does so over so many milliseconds. */
const SPREAD = 1500;
/** How long what the reader has done explains what happens to a task. */
const OWN = 180_000;

interface Hooks {
  user: string;
  /** A task is read anew. */
  changed: (task: Task) => void;
  /** It is no longer in the list. */
  left: (id: string) => void;
  /** Why a task that somebody else moved is gone, in words; asked once for each. */
  why: (id: string) => Promise<string>;
}

export class LiveList {
  /** In the order asked for; those that wait to be shown are not among them. */
  readonly tasks: Signal<Task[]> = signal([]);
  /** How many have come while the reader was further down. */
  readonly waiting = signal(0);
  readonly total = signal(0);
  readonly atLeast = signal(false);
  readonly hasMore = signal(false);
  readonly busy = signal(true);
  readonly refused: Signal<Error | null> = signal(null);
  /** Ids that came a moment ago. */
  readonly fresh: Signal<ReadonlySet<string>> = signal(new Set());
  /** Raised with every list that is asked for. */
  readonly round = signal(0);

  private readonly hooks: Hooks;
  private readonly known = new Map<string, Task>();
  private readonly places = new Places();
  private readonly leaving = new Leaving();
  private readonly frame = new Frame();
  private readonly persistence = new Persistence();
  private readonly held = new Set<string>();
  private readonly own = new Map<string, number>();
  private came = new Set<string>();
  private holding = false;
  private quiet = false;
  private readsMore = false;
  private question: Question | null = null;
  private cursor = "";
  private next: string | null = null;
  private goneWhileReading = new Set<string>();
  private controller: AbortController | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(hooks: Hooks) {
    this.hooks = hooks;
  }

  get offline(): Signal<boolean> {
    return this.persistence.offline;
  }

  /** Rows that stay for a moment with the reason why they go. */
  get ghosts(): Signal<ReadonlyMap<string, string>> {
    return this.leaving.ghosts;
  }

  /** Shows another list and follows it until the next is asked for. */
  async ask(question: Question): Promise<void> {
    this.quit();
    this.question = question;
    this.controller = new AbortController();
    const { signal: given } = this.controller;
    batch(() => {
      this.busy.value = true;
      this.refused.value = null;
      this.round.value = this.round.peek() + 1;
    });
    try {
      await this.read(given);
      const name = `taskpool ${this.hooks.user} ${newsOf(question)}`;
      await follow(name, (wait, watching) => this.attempt(wait, watching), given);
    } catch (error) {
      if (given.aborted) return;
      this.busy.value = false;
      this.refused.value = error as Error;
    }
  }

  /** Follows nothing any more. */
  quit(): void {
    this.controller?.abort();
    this.controller = null;
    this.frame.cancel();
    this.leaving.forget();
    this.places.forget();
    this.known.clear();
    this.held.clear();
    this.came.clear();
    this.next = null;
    this.quiet = false;
    this.readsMore = false;
    this.waiting.value = 0;
  }

  /** The next page; whether it came. */
  async readMore(): Promise<boolean> {
    if (!this.next || !this.controller || this.busy.value || this.readsMore) return false;
    const { signal: given } = this.controller;
    this.readsMore = true;
    try {
      await this.read(given, this.next);
      return true;
    } catch {
      return false;
    } finally {
      if (!given.aborted) this.readsMore = false;
    }
  }

  /** Whether what comes waits above, and what is there keeps its place, instead of moving what is read. */
  get holds(): boolean {
    return this.holding;
  }

  set holds(value: boolean) {
    if (value === this.holding) return;
    this.holding = value;
    if (!value) this.soon();
  }

  /** Shows what waits above; the id of the first of them. */
  reveal(): string | null {
    const shown = new Set(this.held);
    this.held.clear();
    for (const id of shown) this.came.add(id);
    this.draw();
    return this.tasks.value.find((task) => shown.has(task.id))?.id ?? null;
  }

  /** What the reader moves is not told to them as news. */
  expect(id: string): void {
    // In whatever list is shown by then: who narrows it at once has still done it.
    for (const old of this.own.keys()) if (!this.isOwn(old)) this.own.delete(old);
    this.own.set(id, Date.now());
  }

  /** Whether the reader has just done something to it. */
  isOwn(id: string): boolean {
    return Date.now() - (this.own.get(id) ?? 0) < OWN;
  }

  /** What an answer says of a task is news already. */
  put(task: Task): void {
    const before = this.known.get(task.id);
    if (!before || before.revision > task.revision) return;
    this.known.set(task.id, { ...before, ...task, dataEntries: task.dataEntries ?? before.dataEntries });
    this.draw();
  }

  private async read(given: AbortSignal, after: string | null = null): Promise<void> {
    if (after) this.goneWhileReading = new Set();
    else this.busy.value = true;
    const body = await askPage(this.question!, after, given);
    if (given.aborted) return;
    if (!after) {
      this.known.clear();
      this.held.clear();
      this.cursor = body.cursor;
    }
    for (const task of body.items) {
      if (after && (this.known.has(task.id) || this.goneWhileReading.has(task.id))) continue;
      this.leaving.stay(task.id);
      this.known.set(task.id, task);
    }
    batch(() => {
      this.next = body.next;
      this.total.value = body.total;
      this.atLeast.value = body.totalIsAtLeast;
      this.busy.value = false;
      this.draw();
    });
    for (const task of body.items) this.hooks.changed(task);
  }

  // All that was read before, so that the reader keeps their place.
  private async readAgain(given: AbortSignal): Promise<void> {
    const many = this.known.size;
    this.quiet = true;
    try {
      await this.read(given);
      while (this.next && this.known.size < many) await this.read(given, this.next);
    } finally {
      if (!given.aborted) {
        this.quiet = false;
        this.draw();
      }
    }
  }

  // One after the other: each begins where the one before has ended.
  private attempt(wait: number, given: AbortSignal): Promise<boolean> {
    const now = this.turn.then(() => !given.aborted && this.changes(wait, given));
    this.turn = now;
    return now;
  }

  // Whether there was news; repeated until it is known.
  private changes(wait: number, given: AbortSignal): Promise<boolean> {
    return this.persistence.attempt(async () => {
      const news = await askChanges(this.question!, this.cursor, wait, given);
      this.persistence.succeeded();
      // What another list hears by now is not for this one.
      if (given.aborted) return false;
      if (news.reset) {
        await pause(Math.random() * SPREAD);
        await this.readAgain(given);
      } else this.apply(news);
      return news.reset || Boolean(news.entered.length || news.updated.length || news.left.length);
    }, given);
  }

  private apply(news: TaskChanges): void {
    this.cursor = news.cursor;
    if (!news.entered.length && !news.updated.length && !news.left.length) return;
    let total = this.total.value;
    for (const id of news.left) {
      this.goneWhileReading.add(id);
      if (!this.known.has(id)) continue;
      total -= 1;
      if (this.held.delete(id) || this.isOwn(id)) this.known.delete(id);
      else this.fade(id);
    }
    for (const task of [...news.entered, ...news.updated]) {
      if (!this.known.has(task.id)) {
        total += 1;
        if ((this.holding || this.held.size) && !this.isOwn(task.id)) this.held.add(task.id);
      }
      this.leaving.stay(task.id);
      this.known.set(task.id, task);
    }
    this.total.value = Math.max(total, 0);
    for (const task of news.entered) this.came.add(task.id);
    this.soon();
    for (const task of [...news.entered, ...news.updated]) this.hooks.changed(task);
    for (const id of news.left) this.hooks.left(id);
  }

  private fade(id: string): void {
    void this.leaving.fade(id, this.hooks.why(id)).then((gone) => {
      if (!gone) return;
      this.known.delete(id);
      this.soon();
    });
  }

  // At most once for each picture the screen shows, however much happens.
  private soon(): void {
    this.frame.ask(() => this.draw());
  }

  private draw(): void {
    if (this.quiet) return;
    this.frame.cancel();
    const known = [...this.known.values()];
    const found = this.held.size ? known.filter((task) => !this.held.has(task.id)) : known;
    batch(() => {
      this.tasks.value = this.places.inOrder(found, this.question?.sort ?? null, this.holding);
      this.waiting.value = this.held.size;
      this.hasMore.value = this.next !== null;
      if (this.came.size || this.fresh.value.size) this.fresh.value = this.came;
    });
    this.came = new Set();
  }
}
