// What a list asks of the API: pages, and news since a page was read.
import { signal } from "@preact/signals";
import { call, type Problem, pause } from "../api/calls.ts";
import type { Question, TaskChanges, TaskPage } from "../api/shapes.ts";

const SIZE = 100;
const SOON = 500;
const LATE = 15_000;

function bodyOf({ scope, filter, q, deferred }: Question) {
  const all = filter.length ? (filter.length === 1 ? filter[0] : { and: filter }) : null;
  return { scope, filter: all, q, deferred };
}

/** What two lists with the same news have in common. */
export const newsOf = (question: Question): string => JSON.stringify(bodyOf(question));

export async function askPage(question: Question, after: string | null, given: AbortSignal): Promise<TaskPage> {
  const body = { ...bodyOf(question), sort: question.sort, size: SIZE, after };
  return (await call<TaskPage>("/tasks/search", { method: "POST", body, signal: given })).body;
}

export async function askChanges(
  question: Question,
  cursor: string,
  wait: number,
  given: AbortSignal,
): Promise<TaskChanges> {
  const asked = new URLSearchParams({ cursor, wait: String(wait) });
  const sent = { method: "POST", body: bodyOf(question), signal: given } as const;
  return (await call<TaskChanges>(`/tasks/search/changes?${asked}`, sent)).body;
}

/** Tries again, later and later, until somebody answers; false where it was given up. */
export class Persistence {
  readonly offline = signal(false);
  private delay = SOON;

  async attempt(once: () => Promise<boolean>, given: AbortSignal): Promise<boolean> {
    while (!given.aborted) {
      try {
        return await once();
      } catch (error) {
        if (given.aborted) return false;
        this.offline.value = true;
        await pause(Math.max(this.delay * (0.5 + Math.random()), (error as Problem).retryAfter ?? 0));
        this.delay = Math.min(this.delay * 2, LATE);
      }
    }
    return false;
  }

  /** Somebody has answered. */
  succeeded(): void {
    this.offline.value = false;
    this.delay = SOON;
  }
}
