// The parts of the operator's page, and the one that is shown.
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { place } from "../state/place.ts";
import { t, type Word } from "../words/words.ts";
import { AuditLog } from "./audit.tsx";
import { DeadLetters } from "./dead.tsx";
import { Deployments } from "./deployments.tsx";
import { parkedIn } from "./findings.ts";
import { sum } from "./gauges.ts";
import { Health } from "./health.tsx";
import { Incidents } from "./incidents.tsx";
import { Instances } from "./instances.tsx";
import { followOverview, overview } from "./overview.ts";
import { ParkedAggregates } from "./parked.tsx";
import { PartLink } from "./part_link.tsx";
import { People } from "./signed_in.tsx";
import { UntoldNotices } from "./untold.tsx";

const PARTS: Record<string, ComponentType> = {
  health: Health,
  incidents: Incidents,
  parked: ParkedAggregates,
  dead: DeadLetters,
  notices: UntoldNotices,
  instances: Instances,
  deployments: Deployments,
  people: People,
  audit: AuditLog,
};

export function Room() {
  useEffect(followOverview, []);
  const shown = place.value.part in PARTS ? place.value.part : "health";
  const Part = PARTS[shown]!;
  return (
    <>
      <nav class="parts" aria-label={t("ops.parts")}>
        <ul>
          {Object.keys(PARTS).map((part) => (
            <li key={part}>
              <PartLink part={part} current={part === shown}>
                {t(`ops.part.${part}` as Word)}
                <Waiting part={part} />
              </PartLink>
            </li>
          ))}
        </ul>
      </nav>
      <Part />
    </>
  );
}

function Waiting({ part }: { part: string }) {
  const seen = overview.value;
  const counts: Record<string, number | null | undefined> = {
    incidents: sum(seen?.gauges.incidents),
    parked: parkedIn(seen?.status ?? null),
    dead: seen?.status?.dead,
    notices: sum(seen?.gauges.notices_failed),
  };
  const n = counts[part];
  return n ? (
    <>
      {" "}
      <span class="number">{n}</span>
    </>
  ) : null;
}
