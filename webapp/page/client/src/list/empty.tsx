// A list without anything: why, and what to do next.
import { useEffect, useState } from "preact/hooks";
import type { Filter } from "../api/shapes.ts";
import { vocabulary } from "../filters/attributes.ts";
import { totalOf } from "../filters/counted.ts";
import { sayFilter } from "../filters/say.ts";
import { openStart } from "../start/start.tsx";
import { scopeCounts } from "../state/counts.ts";
import { question } from "../state/lists.ts";
import { go, goTo, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import "./empty.css";

export function Empty() {
  const { q, filters } = place.value;
  return q || filters.length ? <NoMatch /> : <Nothing />;
}

function Nothing() {
  const { tab } = place.value;
  const group = scopeCounts.value?.group?.total ?? 0;
  return (
    <div class="empty">
      <p>{t(`empty.${tab}` as Word)}</p>
      <p class="actions">
        {tab === "mine" && group > 0 && (
          <button type="button" class="primary" onClick={() => goTo("group")}>
            {t("none.group", { n: group })}
          </button>
        )}
        {tab !== "completed" && tab !== "deferred" && (
          <button type="button" onClick={openStart}>
            {t("empty.start")}
          </button>
        )}
      </p>
    </div>
  );
}

interface Hidden {
  said: string;
  n: number;
  take: () => void;
}

// Which filters hide how many: each counted as if it were not there.
function NoMatch() {
  const { q, filters } = place.value;
  const [hidden, setHidden] = useState<Hidden[] | null>(null);
  const [all, setAll] = useState(0);
  const asked = question.value;
  const wanted = JSON.stringify([asked, filters]);
  useEffect(() => {
    if (!asked) return;
    const stop = new AbortController();
    const { signal } = stop;
    // What a saved filter asks for itself stays.
    const kept = asked.filter.slice(0, asked.filter.length - filters.length);
    const keptWords = q && asked.q.endsWith(q) ? asked.q.slice(0, -q.length).trim() : asked.q;
    const words = async (): Promise<Hidden> => ({
      said: t("none.search", { q: `“${q}”` }),
      n: await totalOf({ ...asked, q: keptWords }, signal),
      take: () => go({ q: "" }),
    });
    const one = async (filter: Filter, index: number): Promise<Hidden> => {
      const left = filters.filter((_, at) => at !== index);
      const n = await totalOf({ ...asked, filter: [...kept, ...left] }, signal);
      return { said: sayFilter(filter, vocabulary.peek()), n, take: () => go({ filters: left }) };
    };
    const read = async () => {
      const several = [...(q ? [words()] : []), ...filters.map(one)];
      const [without, ...each] = await Promise.all([
        totalOf({ ...asked, filter: kept, q: keptWords }, signal),
        ...several,
      ]);
      setAll(without);
      setHidden(each);
    };
    setHidden(null);
    read().catch(() => {});
    return () => stop.abort();
  }, [wanted]);
  const few = hidden && hidden.length > 1 ? hidden.filter((one) => one.n > 0) : [];
  return (
    <div class="empty">
      <p dir="auto">{q && !filters.length ? t("empty.search", { q }) : t("empty.filtered")}</p>
      {few.length > 0 && (
        <ul class="hiding">
          {few.map((one) => (
            <li key={one.said}>
              <span dir="auto">{t("none.without", { n: one.n, filter: one.said })}</span>
              <button type="button" onClick={one.take}>
                {t("none.take_away")}
              </button>
            </li>
          ))}
        </ul>
      )}
      {hidden && (
        <p>
          {all ? t(filters.length ? "none.without_all" : "none.without_search", { n: all }) : t("none.nothing_hidden")}
        </p>
      )}
      <p class="actions">
        <button type="button" class="primary" onClick={() => go({ q: "", filters: [] })}>
          {hidden && hidden.length > 1 ? t("none.take_all") : t("none.take_away")}
        </button>
      </p>
    </div>
  );
}
