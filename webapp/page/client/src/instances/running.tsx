// Process instances one may read: those that run, or as chosen.
import { isNarrow } from "../list/layout.ts";
import { Moment } from "../parts/moment.tsx";
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import { Choose } from "../workpieces/choose.tsx";
import { Column } from "../workpieces/column.tsx";
import { chosenOf, plainFilters, replaced } from "../workpieces/filters.ts";
import { useListing } from "../workpieces/listing.ts";
import { Row } from "../workpieces/row.tsx";
import { quoted } from "./quoted.ts";
import { hasEnded, type Instance, type State } from "./shapes.ts";

/** What `part` of the address means; without it those that run. */
const STATES: Record<string, State> = {
  "": "RUNNING",
  suspended: "SUSPENDED",
  finished: "FINISHED",
  cancelled: "CANCELLED",
};
const PROCESS = ["instance.processDefinitionKey"];

export function Running() {
  const { q, sort, part, filters } = place.value;
  const asked = new URLSearchParams({ sort: sort || "-startTime" });
  const state = STATES[part];
  if (state) asked.set("state", state);
  if (q) asked.set("q", q);
  for (const one of plainFilters(filters)) asked.append("filter", one);
  const listing = useListing<Instance>("/process-instances", asked);
  const chosen = chosenOf(filters, PROCESS);
  const processes = processesOf(listing.found?.items ?? []);
  if (chosen && !processes.has(chosen.filter)) processes.set(chosen.filter, chosen.value);
  return (
    <Column
      kind="running"
      title={t(part ? (`titled.${part in STATES ? part : "all"}` as Word) : "title.running")}
      listing={listing}
      empty={t(part ? "work.empty.other" : "work.empty.running")}
      columns={[t("inst.process"), t("inst.business_key"), t("filter.state"), t("inst.started_by"), t("inst.started")]}
      choices={
        <>
          <Choose
            label={t("filter.state")}
            value={part in STATES ? part : "all"}
            options={[
              ["", t("filter.running")],
              ["suspended", t("filter.suspended")],
              ["finished", t("filter.finished")],
              ["cancelled", t("filter.cancelled")],
              ["all", t("filter.all")],
            ]}
            choose={(next) => go({ part: next })}
          />
          {processes.size > 1 || chosen ? (
            <Choose
              label={t("filter.process")}
              value={chosen?.filter ?? ""}
              options={[["", t("filter.any_process")], ...processes]}
              choose={(next) => go({ filters: replaced(filters, PROCESS, next) })}
            />
          ) : null}
          <Choose
            label={t("work.sort_by")}
            value={sort}
            options={[
              ["", t("order.newest")],
              ["startTime", t("order.oldest")],
              ["processName,-startTime", t("order.process")],
              ["businessKey", t("order.business_key")],
              ...(part ? [["-endTime", t("order.ended")] as [string, string]] : []),
            ]}
            choose={(next) => go({ sort: next })}
          />
        </>
      }
    >
      {(instance) => <InstanceRow key={instance.id} instance={instance} />}
    </Column>
  );
}

export const nameOfInstance = (one: Instance): string => one.processName ?? one.processDefinitionKey ?? t("process");

function InstanceRow({ instance }: { instance: Instance }) {
  const { startUser, startTime, businessKey, state, incidents } = instance;
  return (
    <Row id={instance.id} title={nameOfInstance(instance)}>
      <span class="sub" dir="auto">
        {businessKey ?? (isNarrow.value ? instance.application : "")}
      </span>
      <span>
        {incidents ? (
          <span class="badge late">{t("inst.incidents", { n: incidents })}</span>
        ) : (
          <span class={`badge ${hasEnded(instance) ? "" : "held"}`}>{t(`run.${state}` as Word)}</span>
        )}
      </span>
      <span class="sub" dir="auto">
        {startUser && <span class="in-card">{t("work.started_by", { who: startUser })}</span>}
        {startUser && <span class="in-table">{startUser}</span>}
      </span>
      <span class="sub">{startTime && <Moment iso={startTime} />}</span>
    </Row>
  );
}

function processesOf(items: Instance[]): Map<string, string> {
  const named = items.flatMap((one) => {
    const key = one.processDefinitionKey;
    return key ? [[`instance.processDefinitionKey = ${quoted(key)}`, nameOfInstance(one)] as [string, string]] : [];
  });
  return new Map(named.sort(([, one], [, other]) => one.localeCompare(other)));
}
