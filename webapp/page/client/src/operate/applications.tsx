// Every application: how far it is behind, now and in the last hour.
import { locale, t } from "../words/words.ts";
import { LONG_SECONDS } from "./findings.ts";
import { lasting } from "./lasting.ts";
import { overview, samples } from "./overview.ts";
import { pointsOf } from "./samples.ts";
import { Sparkline } from "./sparkline.tsx";
import { Cell, Row, Table } from "./table.tsx";

const MANY = 1000;
const say = (value: number) => value.toLocaleString(locale.value);

export function Applications() {
  const { status, gauges } = overview.value!;
  if (!status) return null;
  const kept = samples.value;
  const heads = [
    t("ops.application"),
    t("ops.lag"),
    t("ops.outbox"),
    t("ops.queue"),
    t("ops.part.incidents"),
    t("ops.part.parked"),
  ];
  return (
    <section aria-labelledby="applications-title">
      <h2 id="applications-title">{t("ops.applications")}</h2>
      <Table caption={t("ops.applications")} heads={heads}>
        {Object.entries(status.applications).map(([name, lag]) => (
          <Row key={name}>
            <Cell head={heads[0]!}>
              <b dir="auto">{name}</b>
              {!lag.reachable && (
                <span class="late-text" dir="auto">
                  {t("ops.away_because", { reason: lag.reason ?? "" })}
                </span>
              )}
            </Cell>
            <Cell head={heads[1]!}>
              <Sparkline
                name={t("ops.lag_of", { name })}
                points={pointsOf(kept, "lag", name)}
                say={lasting}
                limit={LONG_SECONDS}
              />
            </Cell>
            <Cell head={heads[2]!}>
              <Sparkline
                name={t("ops.outbox_of", { name })}
                points={pointsOf(kept, "outbox", name)}
                say={say}
                limit={MANY}
              />
            </Cell>
            <Cell head={heads[3]!}>
              <Sparkline
                name={t("ops.queue_of", { name })}
                points={pointsOf(kept, "queues", `engine.${name}`)}
                say={say}
                limit={MANY}
              />
            </Cell>
            <Cell head={heads[4]!}>{gauges.incidents?.[name] ?? t("ops.unknown")}</Cell>
            <Cell head={heads[5]!}>{lag.parked ?? t("ops.unknown")}</Cell>
          </Row>
        ))}
        <Row>
          <Cell head={heads[0]!}>
            <b>{t("ops.projector")}</b>
          </Cell>
          <Cell head={heads[1]!}>–</Cell>
          <Cell head={heads[2]!}>–</Cell>
          <Cell head={heads[3]!}>
            <Sparkline
              name={t("ops.queue_of", { name: t("ops.projector") })}
              points={pointsOf(kept, "queues", "taskpool.projector")}
              say={say}
              limit={MANY}
            />
          </Cell>
          <Cell head={heads[4]!}>–</Cell>
          <Cell head={heads[5]!}>–</Cell>
        </Row>
      </Table>
      <p class="quiet">{t("ops.legend")}</p>
    </section>
  );
}
