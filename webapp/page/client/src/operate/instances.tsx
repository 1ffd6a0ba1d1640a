// Process instances of all applications, found by state, application, business key or words.
import type { Instance } from "../instances/shapes.ts";
import { Moment } from "../parts/moment.tsx";
import { go, place } from "../state/place.ts";
import { locale, t } from "../words/words.ts";
import { InstanceView } from "./instance.tsx";
import { usePaged } from "./paged.ts";
import { PartLink } from "./part_link.tsx";
import { SearchChoice, SearchForm } from "./search_form.tsx";
import { Cell, Row, Table } from "./table.tsx";
import { asked, readWanted, writeWanted } from "./wanted.ts";

const STATES = ["RUNNING", "SUSPENDED", "FINISHED", "CANCELLED"] as const;

interface Total {
  total: number;
  totalIsAtLeast: boolean;
}

export function Instances() {
  const id = place.value.task;
  return id ? <InstanceView key={id} id={id} /> : <InstanceList />;
}

function InstanceList() {
  const { q, filters } = place.value;
  const paged = usePaged<Instance, Total>(
    `/process-instances${asked(readWanted(filters), { size: "50", ...(q && { q }) })}`,
  );
  const { items, said, failed } = paged;
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">
        {t("ops.part.instances")}{" "}
        {said && (
          <span class="count">
            {said.total.toLocaleString(locale.value)}
            {said.totalIsAtLeast ? "+" : ""}
          </span>
        )}
      </h2>
      <Search others={(items ?? []).map((one) => one.application)} />
      {failed && (
        <p class="notice late" dir="auto">
          {t("ops.not_read", { reason: failed })}
        </p>
      )}
      {items?.length === 0 && <p class="notice">{t("ops.instances.none")}</p>}
      {items && items.length > 0 && <Found items={items} />}
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
  const search = (said: (name: string) => string) =>
    go({ q: said("q"), filters: writeWanted({ ...wanted, state: said("state"), businessKey: said("businessKey") }) });
  const states = STATES.map((state) => [state, t(`run.${state}`)]);
  return (
    <SearchForm search={search} others={others}>
      <label class="stacked">
        <span>{t("ops.instances.words")}</span>
        <input name="q" type="search" dir="auto" value={place.value.q} />
      </label>
      <label class="stacked">
        <span>{t("ops.instances.key")}</span>
        <input name="businessKey" dir="auto" value={wanted.businessKey ?? ""} />
      </label>
      <SearchChoice
        name="state"
        label={t("ops.state")}
        value={wanted.state}
        any={t("ops.instances.any")}
        choices={states}
      />
    </SearchForm>
  );
}

function Found({ items }: { items: Instance[] }) {
  const heads = [t("process"), t("ops.instances.key"), t("ops.state"), t("ops.started"), t("ops.part.incidents")];
  return (
    <Table caption={t("ops.part.instances")} heads={heads}>
      {items.map((one) => (
        <Row key={one.id}>
          <Cell head={heads[0]!}>
            <PartLink part="instances" task={one.id} filters={place.value.filters as string[]} q={place.value.q}>
              <b dir="auto">{one.processName ?? one.processDefinitionKey ?? t("process")}</b>
            </PartLink>
            <span class="quiet" dir="auto">
              {one.application}
            </span>
          </Cell>
          <Cell head={heads[1]!}>
            <span dir="auto">{one.businessKey ?? "–"}</span>
          </Cell>
          <Cell head={heads[2]!}>
            <span class={`badge ${one.state === "RUNNING" ? "held" : one.state === "SUSPENDED" ? "open" : "done"}`}>
              {t(`run.${one.state}`)}
            </span>
          </Cell>
          <Cell head={heads[3]!}>
            {one.startTime ? <Moment iso={one.startTime} /> : "–"}
            <span class="quiet" dir="auto">
              {one.startUser}
            </span>
          </Cell>
          <Cell head={heads[4]!}>
            {one.incidents ? <span class="badge late">{one.incidents}</span> : (one.incidents ?? t("ops.unknown"))}
          </Cell>
        </Row>
      ))}
    </Table>
  );
}
