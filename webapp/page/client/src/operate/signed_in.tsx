// Who is signed in to the page, who did something last first; each session can be ended.
import { call } from "../api/calls.ts";
import { Moment } from "../parts/moment.tsx";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { confirm } from "./confirm.tsx";
import { Notices } from "./notices.tsx";
import { Outcome, type Outcomes, useOutcomes } from "./outcomes.tsx";
import { usePaged } from "./paged.ts";
import { PartLink } from "./part_link.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { writeWanted } from "./wanted.ts";

interface SignedIn {
  id: string;
  user: string;
  since: string;
  lastSeen: string;
}

export function People() {
  const outcomes = useOutcomes();
  const paged = usePaged<SignedIn>("/ops/sessions?size=50");
  const heads = [t("ops.audit.who"), t("ops.people.seen"), t("ops.people.since"), t("ops.actions")];
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.people")}</h2>
      <p class="quiet">{t("ops.people.about")}</p>
      <Notices listed={paged} empty={t("ops.people.none")} />
      {paged.items && paged.items.length > 0 && (
        <Table caption={t("ops.part.people")} heads={heads}>
          {paged.items.map((one) => (
            <Row key={one.id} kind={outcomes.has(one.id) ? "decided" : ""}>
              <Cell head={heads[0]!}>
                <b dir="auto">{one.user}</b>
                <PartLink part="audit" filters={writeWanted({ user: one.user })}>
                  {t("ops.people.did")}
                </PartLink>
              </Cell>
              <Cell head={heads[1]!}>
                <Moment iso={one.lastSeen} />
              </Cell>
              <Cell head={heads[2]!}>
                <Moment iso={one.since} />
              </Cell>
              <Cell head={heads[3]!}>
                <End one={one} outcomes={outcomes} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      {paged.more && (
        <button type="button" onClick={paged.more}>
          {t("list.more")}
        </button>
      )}
    </section>
  );
}

function End({ one, outcomes }: { one: SignedIn; outcomes: Outcomes }) {
  const end = () =>
    confirm({
      title: t("ops.people.end_title", { who: one.user }),
      says: [t("ops.people.end_says"), ...(one.user === session.user ? [t("ops.people.end_own")] : [])],
      act: t("ops.people.end"),
      dangerous: true,
      work: async () =>
        void outcomes.run(one.id, t("ops.doing"), async () => {
          await call(`/ops/sessions/${encodeURIComponent(one.id)}/end`, { method: "POST" });
          return t("ops.people.ended");
        }),
    });
  return (
    <>
      {!outcomes.has(one.id) && (
        <p class="actions">
          <button type="button" class="danger" aria-label={t("ops.people.end_what", { who: one.user })} onClick={end}>
            {t("ops.people.end")}
          </button>
        </p>
      )}
      <Outcome told={outcomes.of(one.id)} />
    </>
  );
}
