// What one can do about an incident, and what became of it.
import { call } from "../api/calls.ts";
import { t } from "../words/words.ts";
import { confirm } from "./confirm.tsx";
import { Outcome, type Outcomes } from "./outcomes.tsx";
import { ofIncident, retryIncident } from "./retrying.ts";
import type { Incident } from "./shapes.ts";

interface Given {
  incident: Incident;
  outcomes: Outcomes;
  /** The list is not current any more. */
  changed: () => void;
}

export const retry = ({ incident, outcomes, changed }: Given): Promise<unknown> =>
  outcomes.run(incident.id, t("ops.doing.retry"), () => retryIncident(incident)).then(changed);

export const resolve = ({ incident, outcomes, changed }: Given): Promise<unknown> =>
  outcomes
    .run(incident.id, t("ops.doing.resolve"), async () => {
      await call(ofIncident(incident.id, "resolve"), { method: "POST" });
      return t("ops.incident.resolved");
    })
    .then(changed);

export function IncidentActions(given: Given) {
  const { incident, outcomes } = given;
  const told = outcomes.of(incident.id);
  const about = incident.element ?? incident.kind;
  const withVariables = async () => {
    const { openVariables } = await import("./variables.tsx");
    openVariables({
      instance: incident.processInstanceId,
      title: t("ops.incident.variables"),
      says: [t("ops.incident.variables_says")],
      act: t("ops.incident.change_and_retry"),
      unchanged: true,
      done: () => retry(given),
    });
  };
  const giveUp = () =>
    confirm({
      title: t("ops.incident.resolve_title"),
      says: [t("ops.incident.resolve_says"), t("ops.incident.resolve_then")],
      act: t("ops.resolve"),
      dangerous: true,
      // What becomes of it is said beside the incident.
      work: async () => void resolve(given),
    });
  return (
    <>
      {incident.state === "open" && (!told || told.state === "failed") && (
        <p class="actions">
          <button type="button" aria-label={t("ops.retry_what", { what: about })} onClick={() => void retry(given)}>
            {t("ops.retry")}
          </button>
          <button type="button" class="plain" onClick={() => void withVariables()}>
            {t("ops.incident.with_variables")}
          </button>
          <button type="button" class="plain" onClick={giveUp}>
            {t("ops.resolve")}
          </button>
        </p>
      )}
      <Outcome told={told} />
    </>
  );
}
