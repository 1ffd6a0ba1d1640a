// Business data as a list: searched, narrowed by type and state, sorted.
import type { Entry } from "../api/shapes.ts";
import { quoted } from "../instances/quoted.ts";
import { go, place } from "../state/place.ts";
import { stateOf } from "../task/entries.tsx";
import { t } from "../words/words.ts";
import { Choose } from "./choose.tsx";
import { Column } from "./column.tsx";
import { chosenOf, plainFilters, replaced } from "./filters.ts";
import { useListing } from "./listing.ts";
import { Row } from "./row.tsx";

export function Workpieces() {
  const { q, sort } = place.value;
  const asked = new URLSearchParams({ sort: sort || "-eventTime" });
  if (q) asked.set("q", q);
  for (const one of plainFilters(place.value.filters)) asked.append("filter", one);
  const listing = useListing<Entry>("/data-entries", asked);
  const items = listing.found?.items ?? [];
  return (
    <Column
      kind="workpieces"
      title={t("title.workpieces")}
      listing={listing}
      empty={t("work.empty.workpieces")}
      columns={[t("order.name_column"), t("filter.type"), t("filter.state"), t("work.number"), t("inst.application")]}
      choices={
        <>
          <Facet label={t("filter.type")} any={t("filter.any_type")} options={typesOf(items)} among={TYPE} />
          <Facet label={t("filter.state")} any={t("filter.any_state")} options={statesOf(items)} among={STATE} />
          <Choose
            label={t("work.sort_by")}
            value={sort}
            options={[
              ["", t("order.changed")],
              ["name", t("order.name")],
              ["type,name", t("order.type")],
            ]}
            choose={(next) => go({ sort: next })}
          />
        </>
      }
    >
      {(entry) => <EntryRow key={entry.id} entry={entry} />}
    </Column>
  );
}

function EntryRow({ entry }: { entry: Entry }) {
  const state = stateOf(entry);
  return (
    <Row id={entry.id} title={entry.name ?? entry.entryId}>
      <span class="sub" dir="auto">
        {entry.type ?? entry.entryType}
      </span>
      <span>{state && <span class="badge held">{state}</span>}</span>
      <span class="sub" dir="auto">
        {entry.entryId}
      </span>
      <span class="sub wide" dir="auto">
        {entry.application}
      </span>
    </Row>
  );
}

type Options = Map<string, string>;
const TYPE = ["data.type", "data.entryType"];
const STATE = ["data.state.state", "data.state.processingType"];

function Facet(given: { label: string; any: string; options: Options; among: string[] }) {
  const { label, any, options, among } = given;
  const chosen = chosenOf(place.value.filters, among);
  // What is chosen stays to be seen where nothing is found any more.
  if (options.size < 2 && !chosen) return null;
  return (
    <Choose
      label={label}
      value={chosen?.filter ?? ""}
      options={[
        ["", any],
        ...options,
        ...(chosen && !options.has(chosen.filter) ? [[chosen.filter, chosen.value] as [string, string]] : []),
      ]}
      choose={(next) => go({ filters: replaced(place.value.filters, among, next) })}
    />
  );
}

// By what each is filtered by; those one sees are those one can choose.
function typesOf(items: Entry[]): Options {
  return inOrder(
    items.map(({ type, entryType }) =>
      type ? [`data.type = ${quoted(type)}`, type] : [`data.entryType = ${quoted(entryType)}`, entryType],
    ),
  );
}

function statesOf(items: Entry[]): Options {
  return inOrder(
    items.flatMap((entry) => {
      const { state, processingType } = entry.state;
      const shown = stateOf(entry);
      if (!shown) return [];
      const field = state ? "data.state.state" : "data.state.processingType";
      return [[`${field} = ${quoted(state ?? processingType)}`, shown]] as [string, string][];
    }),
  );
}

const inOrder = (found: (readonly [string, string] | string[])[]): Options =>
  new Map((found as [string, string][]).sort(([, one], [, other]) => one.localeCompare(other)));
