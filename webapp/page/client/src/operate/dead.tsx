// Messages set aside: shown, sent again, or forgotten.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { Moment } from "../parts/moment.tsx";
import { place } from "../state/place.ts";
import { t } from "../words/words.ts";
import { Decide } from "./decide.tsx";
import { Back } from "./incident.tsx";
import { useListed } from "./listed.ts";
import { Notices } from "./notices.tsx";
import { type Outcomes, reasonOf, useOutcomes } from "./outcomes.tsx";
import { PartLink } from "./part_link.tsx";
import { pretty } from "./pretty.ts";
import type { DeadLetter } from "./shapes.ts";
import { Cell, Row, Table } from "./table.tsx";

const ofLetter = (id: string, what = "") => `/ops/dead/${encodeURIComponent(id)}${what && `/${what}`}`;
const nameOf = (letter: DeadLetter) => letter.aggregateId ?? letter.routingKey ?? letter.id;

export function DeadLetters() {
  const outcomes = useOutcomes();
  const listed = useListed<DeadLetter>("/ops/dead", outcomes.has);
  const changed = () => void listed.reread().catch(() => {});
  const heads = [t("ops.dead.about_what"), t("ops.reason"), t("ops.dead.died"), t("ops.actions")];
  const opened = place.value.task;
  if (opened) return <LetterView key={opened} id={opened} outcomes={outcomes} changed={changed} />;
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.dead")}</h2>
      <p class="quiet">{t("ops.dead.about")}</p>
      <Notices listed={listed} empty={t("ops.dead.none")} />
      {listed.items && listed.items.length > 0 && (
        <Table caption={t("ops.part.dead")} heads={heads}>
          {listed.items.map((one) => (
            <Row key={one.id} kind={outcomes.has(one.id) ? "decided" : ""}>
              <Cell head={heads[0]!}>
                <PartLink part="dead" task={one.id}>
                  <b dir="auto">{nameOf(one)}</b>
                </PartLink>
                <span class="quiet" dir="auto">
                  {[one.aggregate, one.application, one.queue].filter(Boolean).join(" · ")}
                </span>
              </Cell>
              <Cell head={heads[1]!}>
                <span dir="auto">{one.reason ?? t("ops.unknown")}</span>
              </Cell>
              <Cell head={heads[2]!}>{one.died ? <Moment iso={one.died} /> : t("ops.unknown")}</Cell>
              <Cell head={heads[3]!}>
                <Actions letter={one} outcomes={outcomes} changed={changed} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}

function Actions({ letter, outcomes, changed }: { letter: DeadLetter; outcomes: Outcomes; changed: () => void }) {
  const what = nameOf(letter);
  const retry = { path: ofLetter(letter.id, "retry"), doing: t("ops.doing.retry"), done: t("ops.dead.retried") };
  const giveUp = {
    path: ofLetter(letter.id, "discard"),
    act: t("ops.discard"),
    doing: t("ops.doing.discard"),
    done: t("ops.dead.discarded"),
    title: t("ops.dead.discard_title"),
    says: [t("ops.dead.discard_says", { what }), t("ops.dead.discard_then")],
  };
  return <Decide id={letter.id} {...{ what, retry, giveUp, outcomes, changed }} />;
}

function LetterView({ id, outcomes, changed }: { id: string; outcomes: Outcomes; changed: () => void }) {
  const [found, setFound] = useState<DeadLetter | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  useEffect(() => {
    call<DeadLetter>(ofLetter(id)).then(
      ({ body }) => setFound(body),
      (error) => setFailed(reasonOf(error)),
    );
  }, [id]);
  return (
    <section aria-labelledby="part-title">
      <Back />
      <h2 id="part-title" dir="auto">
        {found ? nameOf(found) : t("ops.part.dead")}
      </h2>
      {failed && <p class="notice late">{failed}</p>}
      {found && (
        <>
          <p class="reason" dir="auto">
            {found.reason ?? t("ops.unknown")}
          </p>
          <Actions letter={found} outcomes={outcomes} changed={changed} />
          <h3>{t("ops.dead.body", { queue: found.queue })}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <pre class="body" tabIndex={0}>
            {pretty(found.body ?? "")}
          </pre>
        </>
      )}
    </section>
  );
}
