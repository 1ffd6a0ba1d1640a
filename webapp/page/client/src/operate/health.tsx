// How everything is: what is wrong first, then numbers, applications and parts.
import { session } from "../state/session.ts";
import { exact } from "../words/moments.ts";
import { locale, t, type Word } from "../words/words.ts";
import { Applications } from "./applications.tsx";
import { type Finding, findings, parkedIn } from "./findings.ts";
import { sum } from "./gauges.ts";
import { lasting } from "./lasting.ts";
import { Outside } from "./outside.tsx";
import { overview } from "./overview.ts";
import { PartLink } from "./part_link.tsx";
import { PartsTable } from "./parts_table.tsx";

export function Health() {
  const seen = overview.value;
  if (!seen) return <p class="quiet">{t("ops.reading")}</p>;
  const found = findings(seen);
  return (
    <>
      <section class="wrong" aria-labelledby="wrong-title">
        <h2 id="wrong-title">{found.length ? t("ops.wrong", { n: found.length }) : t("ops.well")}</h2>
        {found.length > 0 && (
          <ul>
            {found.map((one) => (
              <Wrong key={one.id} finding={one} />
            ))}
          </ul>
        )}
        <p class="quiet">{t("ops.read_at", { when: exact(new Date(seen.at).toISOString()) })}</p>
      </section>
      <Numbers />
      <Applications />
      <PartsTable />
      {session.isOperator && <Outside />}
    </>
  );
}

function Wrong({ finding }: { finding: Finding }) {
  const { seconds, values } = finding;
  const said = { ...values, ...(seconds === undefined ? {} : { time: lasting(seconds) }) };
  return (
    <li class={finding.kind}>
      <p class="says" dir="auto">
        <span class={`badge ${finding.kind === "bad" ? "late" : "open"}`}>
          {t(finding.kind === "bad" ? "ops.kind.bad" : "ops.kind.warn")}
        </span>{" "}
        <b>{t(`ops.says.${finding.says}` as Word, said)}</b>
      </p>
      <p>
        {t(`ops.remedy.${finding.remedy}` as Word, said)}{" "}
        {finding.part && <PartLink part={finding.part}>{t("ops.look")}</PartLink>}
      </p>
    </li>
  );
}

function Numbers() {
  const { status, gauges } = overview.value!;
  const outbox =
    status && sum(Object.fromEntries(Object.entries(status.applications).map(([k, v]) => [k, v.outbox ?? 0])));
  const numbers: [Word, number | null, string?][] = [
    ["ops.number.incidents", sum(gauges.incidents), "incidents"],
    ["ops.number.parked", parkedIn(status), "parked"],
    ["ops.number.dead", status?.dead ?? null, "dead"],
    ["ops.number.outbox", outbox],
    ["ops.number.projector", status?.projectorLag ?? null],
    ["ops.number.received", sum(gauges.received_waiting)],
  ];
  return (
    <dl class="numbers">
      {numbers.map(([word, n, part]) => (
        <div key={word} class={n && part ? "some" : ""}>
          <dt>{part ? <PartLink part={part}>{t(word)}</PartLink> : t(word)}</dt>
          <dd>{n === null ? t("ops.unknown") : n.toLocaleString(locale.value)}</dd>
        </div>
      ))}
    </dl>
  );
}
