// What I have started: where each of it stands and who has it now, in words.
import { useRef } from "preact/hooks";
import { ofInstance } from "../api/paths.ts";
import { Moment } from "../parts/moment.tsx";
import { go, place } from "../state/place.ts";
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";
import { Column } from "../workpieces/column.tsx";
import { plainFilters } from "../workpieces/filters.ts";
import { useListing } from "../workpieces/listing.ts";
import { Row } from "../workpieces/row.tsx";
import { Segments } from "../workpieces/segments.tsx";
import { useLivePath } from "./live.ts";
import { useOnScreen } from "./on_screen.ts";
import { quoted } from "./quoted.ts";
import { nameOfInstance } from "./running.tsx";
import { placeOf, waitsFor } from "./said.ts";
import { useSeenStands } from "./seen_stands.ts";
import { type Activity, hasEnded, type Instance } from "./shapes.ts";
import { type Stand, sorted, standOf } from "./stands.ts";
import { Since } from "./where_it_stands.tsx";
import "./requests.css";

const PARTS: Record<string, string> = {
  running: "instance.state in (RUNNING, SUSPENDED)",
  finished: "instance.state in (FINISHED, CANCELLED)",
};

export function Requests() {
  const { q, part, filters } = place.value;
  const asked = new URLSearchParams({ sort: "-startTime" });
  if (q) asked.set("q", q);
  const mine = `instance.startUser = ${quoted(session.user)}`;
  for (const one of [mine, PARTS[part], ...plainFilters(filters)]) if (one) asked.append("filter", one);
  const listing = useListing<Instance>("/process-instances", asked);
  const seen = useSeenStands(listing.found?.items ?? [], listing.times);
  return (
    <Column
      kind="requests"
      title={t("title.requests")}
      listing={listing}
      empty={t(part ? "work.empty.other" : "work.empty.requests")}
      choices={
        <Segments
          label={t("filter.state")}
          value={part in PARTS ? part : ""}
          options={[
            ["", t("filter.all")],
            ["running", t("filter.running")],
            ["finished", t("filter.ended")],
          ]}
          choose={(next) => go({ part: next })}
        />
      }
    >
      {(instance) => (
        <Row key={instance.id} id={instance.id} title={nameOfInstance(instance)}>
          <span class="sub" dir="auto">
            {instance.businessKey && `${instance.businessKey} · `}
            {instance.startTime && <Moment iso={instance.startTime} say={(when) => `${t("work.started")} ${when}`} />}
          </span>
          <Standing instance={instance} seen={seen?.get(instance.processInstanceId)} isKnown={seen !== null} />
        </Row>
      )}
    </Column>
  );
}

interface Given {
  instance: Instance;
  /** By the tasks of it that the reader sees. */
  seen: Stand[] | undefined;
  isKnown: boolean;
}

function Standing({ instance, seen, isKnown }: Given) {
  if (hasEnded(instance)) return <Ended instance={instance} />;
  if (instance.state === "SUSPENDED") return <span class="stand has-stopped">{t("inst.held")}</span>;
  if (seen?.length) return <Lines stands={seen} />;
  return isKnown ? <Asked instance={instance} /> : <span class="stand quiet">{t("run.RUNNING")}</span>;
}

// Tasks of others are not seen by who waits for them: then the instance is asked, while its row is on the screen.
function Asked({ instance }: { instance: Instance }) {
  const own = useRef<HTMLSpanElement>(null);
  const isSeen = useOnScreen(own);
  const { found } = useLivePath<{ items: Activity[] }>(isSeen ? ofInstance(instance.id, "activities") : null);
  const last = useRef<Stand[]>([]);
  if (found) last.current = found.items.map(standOf);
  return (
    <span ref={own} class="stand">
      {last.current.length ? <Lines stands={last.current} /> : <span class="quiet">{t("run.RUNNING")}</span>}
    </span>
  );
}

const MOST = 2;

function Lines({ stands }: { stands: readonly Stand[] }) {
  const all = sorted(stands);
  return (
    <span class="places">
      {all.slice(0, MOST).map((one) => (
        <span key={`${one.element} ${one.taskId}`} class={`stand ${one.kind === "incident" ? "has-stopped" : ""}`}>
          <span class="sentence">
            <bdi>{placeOf(one)}</bdi>: <bdi>{waitsFor(one)}</bdi>
          </span>
          {one.since && <Since iso={one.since} />}
        </span>
      ))}
      {all.length > MOST && <span class="quiet">{t("inst.more", { n: all.length - MOST })}</span>}
    </span>
  );
}

function Ended({ instance }: { instance: Instance }) {
  const { state, endTime, deleteReason } = instance;
  const word = state === "CANCELLED" ? "inst.cancelled" : "inst.finished";
  return (
    <span class="stand">
      <span class={`badge ${state === "FINISHED" ? "done" : ""}`}>
        {endTime ? <Moment iso={endTime} say={(when) => t(word, { when })} /> : t(`run.${state}`)}
      </span>{" "}
      {deleteReason && (
        <span class="quiet" dir="auto">
          {deleteReason}
        </span>
      )}
    </span>
  );
}
