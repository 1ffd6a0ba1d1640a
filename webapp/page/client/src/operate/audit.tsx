// Who did what, newest first, by person, action, application and days.
import type { HistoryLine, Values } from "../api/shapes.ts";
import { GoLink } from "../parts/go_link.tsx";
import { Moment } from "../parts/moment.tsx";
import { go, place } from "../state/place.ts";
import { happened } from "../task/happened.ts";
import { Changed } from "../task/history.tsx";
import { exact, zone } from "../words/moments.ts";
import { t, type Word } from "../words/words.ts";
import { Notices } from "./notices.tsx";
import { usePaged } from "./paged.ts";
import { PartLink } from "./part_link.tsx";
import { pretty } from "./pretty.ts";
import { SearchChoice, SearchForm } from "./search_form.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { asked, inMoments, readWanted, writeWanted } from "./wanted.ts";

interface Act {
  id: string;
  time: string;
  user: string;
  action: string;
  application: string | null;
  about: About[];
  status: string;
  details: Values;
}

interface About {
  kind: string;
  id: string;
  name: string | null;
}

const ACTIONS = [
  ...["task.assigned", "task.attributes_changed", "task.completed", "task.deleted"],
  ...["claim", "unclaim", "complete", "assign", "delegate", "resolve", "defer", "undefer", "change"],
  ...["start", "cancel", "suspend", "resume", "set_variables", "move", "migrate", "correlate", "signal", "deploy"],
  ...["incident.retried", "incident.resolved", "incident.cancelled", "parked.retried", "parked.skipped"],
  ...["dead.retried", "dead.discarded", "notice.retried", "notice.discarded", "session.ended"],
  "request.refused",
];

export function AuditLog() {
  const wanted = inMoments(readWanted(place.value.filters), zone.value);
  const paged = usePaged<Act>(`/ops/audit${asked(wanted, { size: "50" })}`);
  const acts = paged.items ?? [];
  const heads = [t("ops.audit.when"), t("ops.audit.who"), t("ops.audit.what"), t("ops.audit.about_what")];
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.audit")}</h2>
      <p class="quiet">{t("ops.audit.about")}</p>
      <Search others={acts.flatMap((one) => one.application ?? [])} />
      <Notices listed={paged} empty={t("ops.audit.none")} />
      {acts.length > 0 && (
        <Table caption={t("ops.part.audit")} heads={heads}>
          {acts.map((one) => (
            <Row key={one.id}>
              <Cell head={heads[0]!}>
                <Moment iso={one.time} />
              </Cell>
              <Cell head={heads[1]!}>
                <Person name={one.user} />
              </Cell>
              <Cell head={heads[2]!}>
                <What act={one} />
              </Cell>
              <Cell head={heads[3]!}>
                {one.about.map((about) => (
                  <Thing key={about.id} about={about} />
                ))}
                <span class="quiet" dir="auto">
                  {one.application}
                </span>
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

function Search({ others }: { others: string[] }) {
  const wanted = readWanted(place.value.filters);
  const search = (said: (name: string) => string) => {
    const [user, action, from, until] = ["user", "action", "from", "until"].map(said);
    go({ filters: writeWanted({ ...wanted, user: user!, action: action!, from: from!, until: until! }) });
  };
  const actions = ACTIONS.map((action) => [action, t(`ops.did.${action}` as Word)]);
  return (
    <SearchForm search={search} others={others}>
      <label class="stacked">
        <span>{t("ops.audit.who")}</span>
        <input name="user" dir="auto" value={wanted.user ?? ""} />
      </label>
      <SearchChoice
        name="action"
        label={t("ops.audit.what")}
        value={wanted.action}
        any={t("ops.audit.anything")}
        choices={actions}
      />
      <label class="stacked">
        <span>{t("ops.audit.from")}</span>
        <input name="from" type="date" value={wanted.from ?? ""} />
      </label>
      <label class="stacked">
        <span>{t("ops.audit.until")}</span>
        <input name="until" type="date" value={wanted.until ?? ""} />
      </label>
    </SearchForm>
  );
}

/** Leads to all that this person did, within what is asked for. */
function Person({ name }: { name: string }) {
  return (
    <PartLink part="audit" filters={writeWanted({ ...readWanted(place.value.filters), user: name })}>
      <b dir="auto">{name}</b>
    </PartLink>
  );
}

function What({ act: { action, details, status } }: { act: Act }) {
  const isOfTask = action.startsWith("task.");
  // As its history says it, without who it was.
  const told = isOfTask ? happened({ type: action, changes: details, by: null } as HistoryLine, "") : null;
  const when = told?.when ? exact(told.when) : "";
  return (
    <>
      <span dir="auto">{told ? t(told.sentence, { ...told.values, when }) : t(`ops.did.${action}` as Word)}</span>
      {status !== "accepted" && <span class="badge late">{t(`ops.became.${status}` as Word)}</span>}
      {told && <Changed fields={told.fields} />}
      {!told && Object.keys(details).length > 0 && (
        <details>
          <summary class="quiet">{t("ops.audit.details")}</summary>
          <pre class="body" dir="auto">
            {pretty(JSON.stringify(details))}
          </pre>
        </details>
      )}
    </>
  );
}

const PARTS: Record<string, string> = { process_instance: "instances", incident: "incidents" };

function Thing({ about: { kind, id, name } }: { about: About }) {
  const label = <span dir="auto">{name ?? t(`ops.kind.${kind}` as Word)}</span>;
  if (kind === "task")
    return (
      <GoLink to="visible" changes={{ task: id }}>
        {label}
      </GoLink>
    );
  const part = PARTS[kind];
  return part ? (
    <PartLink part={part} task={id}>
      {label}
    </PartLink>
  ) : (
    label
  );
}
