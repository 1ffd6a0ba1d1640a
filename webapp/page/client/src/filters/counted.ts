// How many tasks of the list have which values, counted again when the list has changed.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import type { Counts, Filter, Question } from "../api/shapes.ts";
import { hear, question } from "../state/lists.ts";
import { asTexts, chosenOf, without } from "./facet_filters.ts";

const EVERY = 3000;

export type Values = Counts["facets"][string];
export interface Counted {
  /** By field; none where the filters cannot be said as texts. */
  values: Record<string, Values> | null;
  /** By the name each filter was given. */
  totals: Map<string, number>;
}

/** `extra`: name, field and filter of what is counted without other filters of the field. */
export function useCounted(fields: string[], extra: [string, string, Filter][]): Counted | null {
  const [counted, setCounted] = useState<Counted | null>(null);
  const asked = JSON.stringify(question.value && { ...question.value, sort: null });
  const wanted = JSON.stringify(extra);
  useEffect(() => {
    const now = JSON.parse(asked) as Question | null;
    if (!now) return;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      const [values, totals] = await Promise.all([
        valuesOf(now, fields, stop.signal),
        totalsOf(now, extra, stop.signal),
      ]);
      if (!stop.signal.aborted) setCounted({ values, totals });
    };
    const attempt = () => {
      timer = undefined;
      if (!document.hidden) read().catch(() => {});
    };
    const soon = () => {
      timer ??= setTimeout(attempt, EVERY);
    };
    attempt();
    const quiet = hear({ changed: soon, left: soon });
    return () => {
      quiet();
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, wanted]);
  return counted;
}

/** Of a field that is asked for itself, what else there would be. */
async function valuesOf(now: Question, fields: string[], signal: AbortSignal): Promise<Counted["values"]> {
  const texts = asTexts(now.filter);
  if (!texts) return null;
  const chosen = fields.filter((field) => chosenOf(texts, field).size || without(texts, field).length < texts.length);
  const rounds = [fields.filter((field) => !chosen.includes(field)), ...chosen.map((field) => [field])];
  const found = await Promise.all(
    rounds
      .filter((round) => round.length)
      .map(async (round) => {
        const asked = new URLSearchParams({ scope: now.scope, deferred: now.deferred, facet: round.join(",") });
        if (now.q) asked.set("q", now.q);
        const left = chosen.includes(round[0]!) ? without(texts, round[0]!) : texts;
        for (const one of left) asked.append("filter", one as string);
        return (await call<Counts>(`/tasks/counts?${asked}`, { signal })).body.facets;
      }),
  );
  return Object.fromEntries(
    found.flatMap((facets) => Object.entries(facets).map(([name, values]) => [`task.${name}`, values] as const)),
  );
}

async function totalsOf(
  now: Question,
  extra: [string, string, Filter][],
  signal: AbortSignal,
): Promise<Counted["totals"]> {
  const found = await Promise.all(
    extra.map(async ([name, field, filter]) => {
      const total = await totalOf({ ...now, filter: [...without(now.filter, field), filter] }, signal).catch(() => 0);
      return [name, total] as const;
    }),
  );
  return new Map(found);
}

/** How many a question finds. */
export async function totalOf(asked: Question, signal?: AbortSignal): Promise<number> {
  const { scope, filter, q, deferred } = asked;
  const body = { scope, filter: filter.length ? filter : null, q, deferred, size: 1 };
  return (await call<{ total: number }>("/tasks/search", { method: "POST", body, signal })).body.total;
}
