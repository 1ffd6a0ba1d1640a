// The frame of a list beside those of tasks: title, how many, search, choices, rows, and what is said where there are none.

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Search } from "../list/search.tsx";
import { go, place } from "../state/place.ts";
import { pageTitle } from "../state/title.ts";
import { locale, t } from "../words/words.ts";
import { useRowKeys } from "./keys.ts";
import type { Listing } from "./listing.ts";

interface Given<Item> {
  title: string;
  listing: Listing<Item>;
  choices: ComponentChildren;
  /** Names of the columns where it is a table. */
  columns?: string[];
  kind: string;
  empty: string;
  children: (item: Item) => ComponentChildren;
}

export function Column<Item extends { id: string }>(given: Given<Item>) {
  const { title, listing, choices, columns, kind, empty, children } = given;
  const { found, problem } = listing;
  const { q, filters } = place.value;
  useRowKeys();
  useEffect(() => {
    pageTitle.value = title;
  }, [title]);
  return (
    <section class={`column beside ${kind}`} aria-labelledby="list-title">
      <div class="tools">
        <h1 id="list-title">{title}</h1>
        <span class="count">
          {found?.total ? `${found.total.toLocaleString(locale.value)}${found.totalIsAtLeast ? "+" : ""}` : ""}
        </span>
        {problem && found && <span class="live">{t("work.offline")}</span>}
      </div>
      <div class="tools asking">
        <Search />
        {choices}
      </div>
      {problem && !found && (
        <p class="empty" role="alert">
          {t("list.refused")} {problem.message}
        </p>
      )}
      {columns && found?.items.length ? (
        <p class="line names" aria-hidden="true">
          {columns.map((name) => (
            <span key={name}>{name}</span>
          ))}
        </p>
      ) : null}
      <ul id="list" class="lines" tabIndex={-1} aria-busy={!found && !problem}>
        {found?.items.map(children)}
      </ul>
      {found?.next && (
        <button type="button" class="plain" onClick={listing.more}>
          {t("list.more")}
        </button>
      )}
      {found?.items.length === 0 && (
        <p class="empty">
          {q ? t("empty.search", { q }) : filters.length ? t("empty.filtered") : empty}{" "}
          {(q || filters.length > 0) && (
            <button type="button" class="plain" onClick={() => go({ q: "", filters: [] })}>
              {t("empty.clear")}
            </button>
          )}
        </p>
      )}
    </section>
  );
}
