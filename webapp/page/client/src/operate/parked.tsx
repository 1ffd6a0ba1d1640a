// Aggregates that wait because an event of theirs cannot be published, together where the reason is the same.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { Moment } from "../parts/moment.tsx";
import { place } from "../state/place.ts";
import { t } from "../words/words.ts";
import { ApplicationFilter } from "./application_filter.tsx";
import { Decide, goes, type Way } from "./decide.tsx";
import { Back } from "./incident.tsx";
import { useListed } from "./listed.ts";
import { Notices } from "./notices.tsx";
import { type Outcomes, reasonOf, useOutcomes } from "./outcomes.tsx";
import { PartLink } from "./part_link.tsx";
import { pretty } from "./pretty.ts";
import type { Parked } from "./shapes.ts";
import { Cell, Row, Table } from "./table.tsx";
import { asked, readWanted } from "./wanted.ts";

const ofParked = (id: string, what = "") => `/ops/parked/${encodeURIComponent(id)}${what && `/${what}`}`;

export function ParkedAggregates() {
  const outcomes = useOutcomes();
  const { application } = readWanted(place.value.filters);
  const listed = useListed<Parked>(`/ops/parked${asked({ application })}`, outcomes.has);
  const changed = () => void listed.reread().catch(() => {});
  const items = listed.items ?? [];
  const opened = place.value.task;
  if (opened) return <ParkedView key={opened} id={opened} outcomes={outcomes} changed={changed} />;
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.parked")}</h2>
      <p class="quiet">{t("ops.parked.about")}</p>
      <ApplicationFilter others={items.map((one) => one.application)} />
      <Notices listed={listed} empty={t("ops.parked.none")} />
      {grouped(items).map(([fingerprint, some]) => (
        <Group key={fingerprint} items={some} outcomes={outcomes} changed={changed} />
      ))}
    </section>
  );
}

function grouped(items: Parked[]): [string, Parked[]][] {
  const found = new Map<string, Parked[]>();
  for (const one of items) found.set(one.fingerprint, [...(found.get(one.fingerprint) ?? []), one]);
  return [...found];
}

function Group({ items, outcomes, changed }: { items: Parked[]; outcomes: Outcomes; changed: () => void }) {
  const open = items.filter((one) => !outcomes.has(one.id));
  const heads = [t("ops.aggregate"), t("ops.parked.waiting"), t("ops.parked.since"), t("ops.actions")];
  const retryAll = async () => {
    for (const one of open) await goes(one.id, retryOf(one), outcomes);
    changed();
  };
  return (
    <section class="group">
      <h3 dir="auto">{items[0]!.reason}</h3>
      <p class="actions">
        <span class="quiet">{t("ops.parked.count", { n: items.length })}</span>
        {open.length > 1 && (
          <button type="button" onClick={() => void retryAll()}>
            {t("ops.retry_n", { n: open.length })}
          </button>
        )}
      </p>
      <Table caption={items[0]!.reason} heads={heads}>
        {items.map((one) => (
          <Row key={one.id} kind={outcomes.has(one.id) ? "decided" : ""}>
            <Cell head={heads[0]!}>
              <PartLink part="parked" task={one.id} filters={place.value.filters as string[]}>
                <b dir="auto">{one.aggregateId}</b>
              </PartLink>
              <span class="quiet" dir="auto">
                {one.aggregate} · {one.application}
              </span>
            </Cell>
            <Cell head={heads[1]!}>{t("ops.parked.events", { n: one.waiting })}</Cell>
            <Cell head={heads[2]!}>
              <Moment iso={one.firstSeen} />
              <span class="quiet">{t("ops.tries", { n: one.attempts })}</span>
            </Cell>
            <Cell head={heads[3]!}>
              <Actions parked={one} outcomes={outcomes} changed={changed} />
            </Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}

const retryOf = ({ id }: Parked): Way => ({
  path: ofParked(id, "retry"),
  doing: t("ops.doing.retry"),
  done: t("ops.parked.retried"),
});

function Actions({ parked, outcomes, changed }: { parked: Parked; outcomes: Outcomes; changed: () => void }) {
  const { id, aggregateId: what, reason } = parked;
  const giveUp = {
    path: ofParked(id, "skip"),
    act: t("ops.skip"),
    doing: t("ops.doing.skip"),
    done: t("ops.parked.skipped"),
    title: t("ops.parked.skip_title"),
    says: [t("ops.parked.skip_says", { what }), t("ops.parked.skip_then", { reason })],
    understood: t("ops.parked.skip_understood"),
  };
  return <Decide retry={retryOf(parked)} {...{ id, what, giveUp, outcomes, changed }} />;
}

function ParkedView({ id, outcomes, changed }: { id: string; outcomes: Outcomes; changed: () => void }) {
  const [found, setFound] = useState<Parked | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    call<Parked>(ofParked(id)).then(
      ({ body }) => setFound(body),
      (error) => setFailed(reasonOf(error)),
    );
  }, [id]);
  return (
    <section aria-labelledby="part-title">
      <Back />
      <h2 id="part-title" dir="auto">
        {found?.aggregateId ?? t("ops.part.parked")}
      </h2>
      {failed && <p class="notice late">{failed}</p>}
      {found && (
        <>
          <p class="reason" dir="auto">
            {found.reason}
          </p>
          <Actions parked={found} outcomes={outcomes} changed={changed} />
          <h3>{t("ops.parked.event")}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <pre class="body" tabIndex={0}>
            {found.event ? pretty(found.event) : t("ops.unknown")}
          </pre>
        </>
      )}
    </section>
  );
}
