// What people and addresses were not told: given up in the end, or still waiting; told again, or never.
import { useId, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import { GoLink } from "../parts/go_link.tsx";
import { Moment } from "../parts/moment.tsx";
import { go, place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import { Decide } from "./decide.tsx";
import { useListed } from "./listed.ts";
import { Notices } from "./notices.tsx";
import { Outcome, type Outcomes, useOutcomes } from "./outcomes.tsx";
import type { UntoldNotice } from "./shapes.ts";
import { Cell, Row, Table } from "./table.tsx";
import { readWanted, writeWanted } from "./wanted.ts";

const MOST = 200;
const ALL = "all";
const STATES = ["failed", "waiting"] as const;
const ofNotice = (id: string, what: string) => `/ops/notices/${encodeURIComponent(id)}/${what}`;
const nameOf = (one: UntoldNotice) => one.user ?? one.ways[0]?.way ?? t("ops.unknown");
const stateWanted = () => STATES.find((one) => one === readWanted(place.value.filters).state) ?? "failed";

export function UntoldNotices() {
  const state = stateWanted();
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.notices")}</h2>
      <p class="quiet">{t("ops.untold.about")}</p>
      <StateFilter state={state} />
      <Found key={state} state={state} />
    </section>
  );
}

function StateFilter({ state }: { state: string }) {
  const id = useId();
  const choose = (event: { currentTarget: HTMLSelectElement }) =>
    go({ filters: writeWanted({ state: event.currentTarget.value }) }, { replace: true });
  return (
    <p class="filter">
      <label for={id}>{t("ops.state")}</label>
      <select id={id} value={state} onChange={choose}>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {t(`ops.untold.${one}`)}
          </option>
        ))}
      </select>
    </p>
  );
}

function Found({ state }: { state: (typeof STATES)[number] }) {
  const outcomes = useOutcomes();
  const listed = useListed<UntoldNotice>(`/ops/notices?state=${state}&size=${MOST}`, outcomes.has);
  const changed = () => void listed.reread().catch(() => {});
  const items = listed.items ?? [];
  const heads = [t("ops.untold.for_whom"), t("ops.untold.what"), t("ops.untold.how_far"), t("ops.actions")];
  return (
    <>
      {state === "failed" && (items.length > 0 || outcomes.has(ALL)) && (
        <RetryAll outcomes={outcomes} changed={changed} />
      )}
      <Notices listed={listed} empty={t(`ops.untold.none_${state}`)} />
      {items.length >= MOST && <p class="notice">{t("ops.untold.newest", { n: MOST })}</p>}
      {items.length > 0 && (
        <Table caption={t("ops.part.notices")} heads={heads}>
          {items.map((one) => (
            <Row key={one.id} kind={outcomes.has(one.id) ? "decided" : ""}>
              <Cell head={heads[0]!}>
                <b dir="auto">{nameOf(one)}</b>
              </Cell>
              <Cell head={heads[1]!}>
                <GoLink to="visible" changes={{ task: one.taskId }}>
                  {t(`ops.told.${one.kind}` as Word)}
                </GoLink>
                <span class="quiet">{one.event}</span>
                <Moment iso={one.since} />
              </Cell>
              <Cell head={heads[2]!}>
                <HowFar notice={one} />
              </Cell>
              <Cell head={heads[3]!}>
                <Actions notice={one} outcomes={outcomes} changed={changed} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </>
  );
}

function RetryAll({ outcomes, changed }: { outcomes: Outcomes; changed: () => void }) {
  const [asked, ask] = useState(false);
  const retry = async () => {
    ask(true);
    await outcomes.run(ALL, t("ops.doing.retry"), async () => {
      const { body } = await call<{ retried: number }>("/ops/notices/retry", { method: "POST" });
      return t("ops.untold.all_retried", { n: body.retried });
    });
    ask(false);
    changed();
  };
  return (
    <p class="actions">
      <button type="button" aria-disabled={asked} onClick={() => void retry()}>
        {t("ops.untold.retry_all")}
      </button>
      <Outcome told={outcomes.of(ALL)} />
    </p>
  );
}

function HowFar({ notice }: { notice: UntoldNotice }) {
  if (!notice.ways.length) return <>{t("ops.untold.not_tried")}</>;
  return (
    <>
      {notice.ways.map((one) => (
        <span key={one.way} dir="auto">
          {one.way} · {one.tries ? t("ops.tries", { n: one.tries }) : t("ops.untold.not_tried")}
          {one.outcome === "sent" ? ` · ${t("ops.untold.sent")}` : ""}
          {one.reason ? ` · ${one.reason}` : ""}
          {one.next && (
            <span class="quiet">
              {t("ops.untold.next")} <Moment iso={one.next} />
            </span>
          )}
        </span>
      ))}
    </>
  );
}

function Actions({ notice, outcomes, changed }: { notice: UntoldNotice; outcomes: Outcomes; changed: () => void }) {
  const what = nameOf(notice);
  const retry = {
    path: ofNotice(notice.id, "retry"),
    doing: t("ops.doing.retry"),
    done: t("ops.untold.retried"),
  };
  const giveUp = {
    path: ofNotice(notice.id, "discard"),
    act: t("ops.discard"),
    doing: t("ops.doing.discard"),
    done: t("ops.untold.discarded"),
    title: t("ops.untold.discard_title"),
    says: [t("ops.untold.discard_says", { what })],
  };
  return <Decide id={notice.id} {...{ what, retry, giveUp, outcomes, changed }} />;
}
