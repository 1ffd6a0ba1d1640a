// Every part of the system: whether it works, why not, and when it last showed that it does.
import { t, type Word } from "../words/words.ts";
import { kindOf } from "./findings.ts";
import { lasting } from "./lasting.ts";
import { overview } from "./overview.ts";
import { Cell, Row, Table } from "./table.tsx";

export function PartsTable() {
  const { readiness, gauges } = overview.value!;
  const reasons = { ...readiness?.degraded, ...readiness?.reasons };
  const ready = gauges.ready ?? {};
  const names = [...new Set([...Object.keys(reasons), ...Object.keys(ready)])];
  const works = (name: string) => !(name in reasons) && ready[name] !== 0;
  names.sort((one, other) => Number(works(one)) - Number(works(other)));
  const heads = [t("ops.part"), t("ops.state"), t("ops.does"), t("ops.sign")];
  const well = names.filter(works).length;
  return (
    <details class="all-parts" open={!matchMedia("(max-width: 52rem)").matches || well < names.length}>
      <summary>
        <h2>{t("ops.all_parts")}</h2> <span class="quiet">{t("ops.parts_work", { works: well, n: names.length })}</span>
      </summary>
      {names.length === 0 && <p class="quiet">{t("ops.no_parts")}</p>}
      {names.length > 0 && (
        <Table caption={t("ops.all_parts")} heads={heads}>
          {names.map((name) => {
            const age = gauges.sign_of_life_age_seconds?.[name];
            return (
              <Row key={name}>
                <Cell head={heads[0]!}>
                  <b>{name}</b>
                </Cell>
                <Cell head={heads[1]!}>
                  {works(name) ? (
                    <span class="badge done">{t("ops.works")}</span>
                  ) : (
                    <>
                      <span class={name in (readiness?.degraded ?? {}) ? "badge open" : "badge late"}>
                        {t("ops.works_not")}
                      </span>{" "}
                      <span dir="auto">{reasons[name]}</span>
                    </>
                  )}
                </Cell>
                <Cell head={heads[2]!}>{t(`ops.does.${kindOf(name)}` as Word)}</Cell>
                <Cell head={heads[3]!}>{age === undefined ? "–" : t("ops.before", { time: lasting(age) })}</Cell>
              </Row>
            );
          })}
        </Table>
      )}
    </details>
  );
}
