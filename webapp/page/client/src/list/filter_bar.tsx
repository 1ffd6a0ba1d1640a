// What narrows the list: words, filters, values with their counts; and keeping or exporting what is asked.
import { FilterActions, ListActions } from "../filters/actions.tsx";
import { AddFilter, Chips } from "../filters/chips.tsx";
import { Facets, isOverviewOpen } from "../filters/facets.tsx";
import { current, isAsking } from "../filters/kept.ts";
import { refusedSaid } from "../filters/refused.ts";
import { SavedParts } from "../filters/saved_parts.tsx";
import { t } from "../words/words.ts";
import { Search } from "./search.tsx";
import "./filter_bar.css";

export function FilterBar() {
  return (
    // biome-ignore lint/a11y/useSemanticElements: "search" is not known to every browser yet
    <div class="filter-bar" role="search" aria-label={t("filter.region")}>
      <div class="filter-line">
        <Search />
        <AddFilter />
        <ListActions />
      </div>
      {(isAsking.value || current.value) && (
        <div class="filter-line">
          <SavedParts />
          <Chips />
          <FilterActions />
        </div>
      )}
      {refusedSaid.value && (
        <p id="filter-refused" class="filter-trouble" role="alert" dir="auto">
          {refusedSaid.value}
        </p>
      )}
      {isOverviewOpen.value && <Facets />}
    </div>
  );
}
