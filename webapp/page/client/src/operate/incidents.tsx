// Open incidents: what failed again and again with nobody waiting.
import { useState } from "preact/hooks";
import { Moment } from "../parts/moment.tsx";
import { place } from "../state/place.ts";
import { t } from "../words/words.ts";
import { ApplicationFilter } from "./application_filter.tsx";
import { confirm } from "./confirm.tsx";
import { IncidentView } from "./incident.tsx";
import { IncidentActions, resolve, retry } from "./incident_actions.tsx";
import { useListed } from "./listed.ts";
import { Notices } from "./notices.tsx";
import { type Outcomes, useOutcomes } from "./outcomes.tsx";
import { PartLink } from "./part_link.tsx";
import type { Incident } from "./shapes.ts";
import { Cell, Row, Table } from "./table.tsx";
import { asked, readWanted } from "./wanted.ts";

export function Incidents() {
  const outcomes = useOutcomes();
  const id = place.value.task;
  return id ? <IncidentView key={id} id={id} outcomes={outcomes} /> : <IncidentList outcomes={outcomes} />;
}

function IncidentList({ outcomes }: { outcomes: Outcomes }) {
  const wanted = readWanted(place.value.filters);
  const listed = useListed<Incident>(`/ops/incidents${asked({ application: wanted.application })}`, outcomes.has);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const items = listed.items ?? [];
  const open = items.filter((one) => !outcomes.has(one.id));
  const these = open.filter((one) => chosen.has(one.id));
  const changed = () => void listed.reread().catch(() => {});
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    choose(next);
  };
  const all = (act: typeof retry) => {
    choose(new Set());
    for (const incident of these) void act({ incident, outcomes, changed });
  };
  const resolveAll = () =>
    confirm({
      title: t("ops.incident.resolve_many", { n: these.length }),
      says: [t("ops.incident.resolve_says"), t("ops.incident.resolve_then")],
      act: t("ops.resolve"),
      dangerous: true,
      work: async () => all(resolve),
    });
  const heads = [t("ops.choose"), t("ops.element"), t("ops.reason"), t("ops.happened"), t("ops.actions")];
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.incidents")}</h2>
      <p class="quiet">{t("ops.incident.about")}</p>
      <ApplicationFilter others={items.map((one) => one.application)} />
      <Notices listed={listed} empty={t("ops.incident.none")} />
      {items.length > 0 && (
        <>
          <div class="bulk">
            <label class="ticked">
              <input
                type="checkbox"
                checked={open.length > 0 && these.length === open.length}
                onChange={(event) => choose(new Set(event.currentTarget.checked ? open.map((one) => one.id) : []))}
              />
              <span>{t("ops.choose_all")}</span>
            </label>
            <button type="button" disabled={!these.length} onClick={() => all(retry)}>
              {these.length ? t("ops.retry_n", { n: these.length }) : t("ops.retry_chosen")}
            </button>
            <button type="button" disabled={!these.length} onClick={resolveAll}>
              {these.length ? t("ops.resolve_n", { n: these.length }) : t("ops.resolve_chosen")}
            </button>
          </div>
          <Table caption={t("ops.part.incidents")} heads={heads}>
            {items.map((one) => (
              <Row key={one.id} kind={outcomes.has(one.id) ? "decided" : ""}>
                <Cell head={heads[0]!} kind="tick">
                  <input
                    type="checkbox"
                    aria-label={t("ops.choose_what", { what: one.element ?? one.kind })}
                    disabled={outcomes.has(one.id)}
                    checked={chosen.has(one.id) && !outcomes.has(one.id)}
                    onChange={(event) => toggle(one.id, event.currentTarget.checked)}
                  />
                </Cell>
                <Cell head={heads[1]!}>
                  <PartLink part="incidents" task={one.id} filters={place.value.filters as string[]}>
                    <b dir="auto">{one.element ?? one.kind}</b>
                  </PartLink>
                  <span class="quiet" dir="auto">
                    {one.processDefinitionId.split(":")[0]} · {one.application}
                  </span>
                </Cell>
                <Cell head={heads[2]!}>
                  <span dir="auto">{one.problem.detail ?? one.problem.title}</span>
                  <PartLink part="instances" task={one.processInstanceId}>
                    {t("ops.to_instance")}
                  </PartLink>
                </Cell>
                <Cell head={heads[3]!}>
                  <Moment iso={one.created} />
                  <span class="quiet">{t("ops.tries", { n: one.tries })}</span>
                </Cell>
                <Cell head={heads[4]!}>
                  <IncidentActions incident={one} outcomes={outcomes} changed={changed} />
                </Cell>
              </Row>
            ))}
          </Table>
        </>
      )}
    </section>
  );
}
