// One incident: what failed, where, and what one can do.
import { useEffect, useState } from "preact/hooks";
import { call } from "../api/calls.ts";
import type { Json } from "../api/shapes.ts";
import { go } from "../state/place.ts";
import { Tree } from "../task/tree.tsx";
import { exact } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { IncidentActions } from "./incident_actions.tsx";
import { Outcome, type Outcomes, reasonOf, type Told } from "./outcomes.tsx";
import { PartLink } from "./part_link.tsx";
import { failedAgain, ofIncident } from "./retrying.ts";
import type { Incident } from "./shapes.ts";

const SAID = ["type", "title", "status", "detail", "element", "instance"];

export function IncidentView({ id, outcomes }: { id: string; outcomes: Outcomes }) {
  const [found, setFound] = useState<Incident | null>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const read = () =>
    call<Incident>(ofIncident(id)).then(
      ({ body }) => setFound(body),
      (error) => setFailed(reasonOf(error)),
    );
  useEffect(() => void read(), [id]);
  return (
    <section aria-labelledby="part-title">
      <Back />
      <h2 id="part-title" dir="auto">
        {found?.element ?? found?.kind ?? t("ops.part.incidents")}
      </h2>
      {failed && <p class="notice late">{failed}</p>}
      {found && (
        <>
          <p class="reason" dir="auto">
            {found.problem.detail ?? found.problem.title}
          </p>
          <IncidentActions incident={found} outcomes={outcomes} changed={() => void read()} />
          {found.state === "retried" && !outcomes.of(id) && <Again incident={found} />}
          <Facts incident={found} />
        </>
      )}
    </section>
  );
}

// Who comes by a link that was made before it was tried again.
function Again({ incident }: { incident: Incident }) {
  const [told, setTold] = useState<Told | undefined>(undefined);
  useEffect(() => void failedAgain(incident).then((again) => setTold(again ?? undefined)), [incident.id]);
  return <Outcome told={told} />;
}

export function Back() {
  return (
    <button type="button" class="plain to-list" onClick={() => go({ task: null })}>
      ‹ {t("ops.back")}
    </button>
  );
}

function Facts({ incident }: { incident: Incident }) {
  const { problem } = incident;
  const more = Object.entries(problem).filter(([name]) => !SAID.includes(name)) as [string, Json][];
  const facts: [Word, string | null][] = [
    ["ops.incident.kind", t(`ops.incident.kind.${incident.kind}` as Word)],
    ["ops.state", t(`ops.incident.state.${incident.state}` as Word)],
    ["ops.title", problem.title ?? null],
    ["ops.application", incident.application],
    ["ops.definition", incident.processDefinitionId],
    ["ops.incident.tries", String(incident.tries)],
    ["ops.happened", exact(incident.created)],
    ["ops.closed", incident.closed && exact(incident.closed)],
    ["ops.operator_who", incident.operator],
  ];
  return (
    <>
      <dl class="data">
        {facts.map(([word, value]) =>
          value === null
            ? null
            : [
                <dt key={word}>{t(word)}</dt>,
                <dd key={`${word} value`} dir="auto">
                  {value}
                </dd>,
              ],
        )}
        <dt>{t("ops.instance")}</dt>
        <dd>
          <PartLink part="instances" task={incident.processInstanceId}>
            {incident.processInstanceId}
          </PartLink>
        </dd>
      </dl>
      {more.length > 0 && <Tree values={Object.fromEntries(more)} />}
      <p class="quiet">{t("ops.incident.then")}</p>
    </>
  );
}
