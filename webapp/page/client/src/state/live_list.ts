// A list of tasks that is read once and then kept current by held requests.
import { type Signal, signal } from "@preact/signals";
import { call, type Problem, pause } from "../api/calls.ts";
import type { Question, Task, TaskChanges, TaskPage } from "../api/shapes.ts";
import { inOrder } from "./order.ts";

const SIZE = 100;
const WAIT = 25;
const GHOST = 4000;

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
  readonly offline = signal(false);
  readonly refused: Signal<Error | null> = signal(null);
  /** Rows that stay for a moment with the reason why they go. */
  readonly ghosts: Signal<ReadonlyMap<string, string>> = signal(new Map());
  /** Ids that came a moment ago. */
  readonly fresh: Signal<ReadonlySet<string>> = signal(new Set());
  /** Whether what comes waits above instead of moving what is read. */
  holds = false;

  private readonly hooks: Hooks;
  private readonly known = new Map<string, Task>();
  private readonly held = new Set<string>();
  private readonly own = new Set<string>();
  private question: Question | null = null;
  private cursor = "";
  private next: string | null = null;
  private goneWhileReading = new Set<string>();
  private controller: AbortController | null = null;
  private turn: Promise<unknown> = Promise.resolve();
  private delay = 500;

  constructor(hooks: Hooks) {
    this.hooks = hooks;
  }

  /** Shows another list and follows it until the next is asked for. */
  async ask(question: Question): Promise<void> {
    this.quit();
    this.question = question;
    this.controller = new AbortController();
    const { signal: given } = this.controller;
    this.busy.value = true;
    this.refused.value = null;
    try {
      await this.read(given);
      await this.follow(given);
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
    this.known.clear();
    this.held.clear();
    this.own.clear();
    this.next = null;
    this.holds = false;
    this.waiting.value = 0;
    this.ghosts.value = new Map();
  }

  /** The next page. */
  async readMore(): Promise<void> {
    if (this.next && this.controller && !this.busy.value) await this.read(this.controller.signal, this.next);
  }

  /** Shows what waits above. */
  reveal(): void {
    this.held.clear();
    this.draw();
  }

  /** What the reader moves is not told to them as news. */
  expect(id: string): void {
    this.own.add(id);
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
    this.busy.value = true;
    const asked = { ...this.body(), sort: this.question?.sort ?? null, size: SIZE, after };
    const { body } = await call<TaskPage>("/tasks/search", { method: "POST", body: asked, signal: given });
    if (!after) {
      this.known.clear();
      this.held.clear();
      this.cursor = body.cursor;
    }
    for (const task of body.items) {
      if (!after || !(this.known.has(task.id) || this.goneWhileReading.has(task.id))) this.known.set(task.id, task);
    }
    this.next = body.next;
    this.total.value = body.total;
    this.atLeast.value = body.totalIsAtLeast;
    this.busy.value = false;
    this.draw();
    for (const task of body.items) this.hooks.changed(task);
  }

  private body() {
    const { scope, filter, q, deferred } = this.question!;
    const all = filter.length ? (filter.length === 1 ? filter[0] : { and: filter }) : null;
    return { scope, filter: all, q, deferred };
  }

  // While the page is shown. A hidden one holds nothing, and catches up when it is shown again.
  private async follow(given: AbortSignal): Promise<void> {
    while (!given.aborted) {
      await shown(given);
      const watching = new AbortController();
      const stop = () => watching.abort();
      const look = () => document.hidden && stop();
      given.addEventListener("abort", stop);
      document.addEventListener("visibilitychange", look);
      await this.watch(watching.signal);
      document.removeEventListener("visibilitychange", look);
      given.removeEventListener("abort", stop);
    }
  }

  // Of all tabs that show the same list one holds the request, since a browser has only six; it tells the others.
  private async watch(given: AbortSignal): Promise<void> {
    if (!navigator.locks || !window.BroadcastChannel) return this.hold(given, () => {});
    const name = `taskpool ${this.hooks.user} ${JSON.stringify(this.body())}`;
    const channel = new BroadcastChannel(name);
    let holds = false;
    const catchUp = () => holds || given.aborted || this.attempt(0, given);
    channel.onmessage = catchUp;
    // What has happened before this tab listened; the one that holds the request hears of it anyway.
    const soon = setTimeout(catchUp, 200);
    try {
      await navigator.locks.request(name, { signal: given }, () => {
        holds = true;
        return this.hold(given, () => channel.postMessage("news"));
      });
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
    }
    clearTimeout(soon);
    channel.close();
  }

  private async hold(given: AbortSignal, tell: () => void): Promise<void> {
    while (!given.aborted) if (await this.attempt(WAIT, given)) tell();
  }

  // One after the other: each begins where the one before has ended.
  private attempt(wait: number, given: AbortSignal): Promise<boolean> {
    const now = this.turn.then(() => !given.aborted && this.changes(wait, given));
    this.turn = now;
    return now;
  }

  // Whether there was news; repeated until it is known.
  private async changes(wait: number, given: AbortSignal): Promise<boolean> {
    while (!given.aborted) {
      try {
        const asked = new URLSearchParams({ cursor: this.cursor, wait: String(wait) });
        const found = await call<TaskChanges>(`/tasks/search/changes?${asked}`, {
          method: "POST",
          body: this.body(),
          signal: given,
        });
        const news = found.body;
        this.offline.value = false;
        this.delay = 500;
        if (news.reset) {
          await pause(Math.random() * 1500);
          await this.read(given);
        } else this.apply(news);
        return news.reset || Boolean(news.entered.length || news.updated.length || news.left.length);
      } catch (error) {
        if (given.aborted) return false;
        this.offline.value = true;
        await pause(Math.max(this.delay * (0.5 + Math.random()), (error as Problem).retryAfter ?? 0));
        this.delay = Math.min(this.delay * 2, 15_000);
      }
    }
    return false;
  }

  private apply(news: TaskChanges): void {
    this.cursor = news.cursor;
    if (!news.entered.length && !news.updated.length && !news.left.length) return;
    let total = this.total.value;
    for (const id of news.left) {
      this.goneWhileReading.add(id);
      if (!this.known.has(id)) continue;
      total -= 1;
      if (this.held.delete(id) || this.own.delete(id)) this.known.delete(id);
      else void this.fade(id);
    }
    for (const task of [...news.entered, ...news.updated]) {
      if (!this.known.has(task.id)) {
        total += 1;
        if (this.holds && !this.own.has(task.id)) this.held.add(task.id);
      }
      this.known.set(task.id, task);
    }
    this.total.value = Math.max(total, 0);
    this.draw(new Set(news.entered.map((task) => task.id)));
    for (const task of [...news.entered, ...news.updated]) this.hooks.changed(task);
    for (const id of news.left) this.hooks.left(id);
  }

  // Stays for a moment, so that nobody wonders where it went.
  private async fade(id: string): Promise<void> {
    const task = this.known.get(id);
    this.ghosts.value = new Map(this.ghosts.value).set(id, "");
    const began = Date.now();
    const why = await this.hooks.why(id).catch(() => "");
    if (!this.ghosts.value.has(id)) return;
    this.ghosts.value = new Map(this.ghosts.value).set(id, why);
    await pause(GHOST - (Date.now() - began));
    const left = new Map(this.ghosts.value);
    if (!left.delete(id)) return;
    this.ghosts.value = left;
    // It may have come back meanwhile.
    if (this.known.get(id) === task) this.known.delete(id);
    this.draw();
  }

  private draw(fresh: ReadonlySet<string> = new Set()): void {
    const sorted = inOrder([...this.known.values()], this.question?.sort ?? null);
    this.tasks.value = this.held.size ? sorted.filter((task) => !this.held.has(task.id)) : sorted;
    this.waiting.value = this.held.size;
    this.hasMore.value = this.next !== null;
    this.fresh.value = fresh;
  }
}

function shown(given: AbortSignal): Promise<unknown> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => {
    document.addEventListener("visibilitychange", done, { once: true });
    given.addEventListener("abort", done, { once: true });
  });
}
