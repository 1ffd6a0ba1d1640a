// Deploying models: choose or drop files, see what became of them.
import { useEffect, useId, useState } from "preact/hooks";
import { call, command, newKey, Problem } from "../api/calls.ts";
import type { Definition } from "../start/definitions.ts";
import { t } from "../words/words.ts";
import { DeploymentMade, DeploymentRefused } from "./deployed.tsx";
import { DropZone } from "./drop_zone.tsx";
import { reasonOf } from "./outcomes.tsx";
import { overview } from "./overview.ts";
import type { Deployed, FoundProblem } from "./shapes.ts";
import { Cell, Row, Table } from "./table.tsx";

/** The store of applications that have no engine here. */
const HOSTED = "hosted";

type Became =
  | { kind: "made"; application: string; deployed: Deployed }
  | { kind: "refused"; problem: FoundProblem; files: File[] }
  | { kind: "unknown"; reason: string };

export function Deployments() {
  const id = useId();
  const names = Object.keys(overview.value?.status?.applications ?? {}).filter((name) => name !== HOSTED);
  const [application, setApplication] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const [strict, setStrict] = useState(false);
  const [busy, setBusy] = useState(false);
  const [missing, setMissing] = useState(false);
  const [became, setBecame] = useState<Became | null>(null);
  const chosen = application || (names.length === 1 ? names[0]! : "");
  const deploy = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setMissing(!files.length || !chosen);
    if (!files.length || !chosen) return;
    setBusy(true);
    setBecame(null);
    setBecame(await deployed(chosen, files, strict));
    setBusy(false);
  };
  return (
    <section aria-labelledby="part-title">
      <h2 id="part-title">{t("ops.part.deployments")}</h2>
      <form class="deploy" onSubmit={deploy}>
        <DropZone files={files} change={setFiles} />
        <div class="deploy-to">
          <div class="stacked">
            <label for={id}>{t("ops.application")}</label>
            <select id={id} value={chosen} onChange={(event) => setApplication(event.currentTarget.value)}>
              <option value="">{t("ops.deploy.choose")}</option>
              {names.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </div>
          <label class="ticked">
            <input type="checkbox" checked={strict} onChange={(event) => setStrict(event.currentTarget.checked)} />
            <span>
              {t("ops.deploy.strict")} <span class="quiet">{t("ops.deploy.strict_hint")}</span>
            </span>
          </label>
          <button type="submit" class="primary" aria-disabled={busy}>
            {busy ? t("ops.deploy.doing", { n: files.length }) : t("ops.deploy")}
          </button>
          {busy && <progress aria-label={t("ops.deploy.doing", { n: files.length })} />}
          {missing && (!files.length || !chosen) && (
            <p class="refused" role="alert">
              {files.length ? t("ops.deploy.no_application") : t("ops.deploy.no_files")}
            </p>
          )}
        </div>
      </form>
      <p class={`outcome ${became?.kind === "made" ? "done" : "failed"}`} role="status" dir="auto">
        <b>{became && summaryOf(became)}</b>
      </p>
      {became?.kind === "made" && <DeploymentMade deployed={became.deployed} />}
      {became?.kind === "refused" && <DeploymentRefused problem={became.problem} files={became.files} />}
      <Definitions when={became} />
    </section>
  );
}

function summaryOf(became: Became): string {
  if (became.kind === "unknown") return became.reason;
  if (became.kind === "refused") return t("ops.deploy.refused");
  const { definitions, decisions, forms } = became.deployed;
  const n = definitions.length + decisions.length + forms.length;
  return t("ops.deploy.made", { n, application: became.application });
}

async function deployed(application: string, files: File[], strict: boolean): Promise<Became> {
  const sent = new FormData();
  for (const file of files) sent.append("file", file, file.name);
  const path = `/applications/${encodeURIComponent(application)}/deployments${strict ? "?strict=true" : ""}`;
  try {
    return { kind: "made", application, deployed: await command<Deployed>(path, sent, newKey()) };
  } catch (error) {
    if (error instanceof Problem) return { kind: "refused", problem: error.document as FoundProblem, files };
    return { kind: "unknown", reason: reasonOf(error) };
  }
}

function Definitions({ when }: { when: unknown }) {
  const [items, setItems] = useState<(Definition & { version: number })[]>([]);
  useEffect(() => {
    call<{ items: (Definition & { version: number })[] }>("/process-definitions").then(
      ({ body }) => setItems(body.items),
      () => {},
    );
  }, [when]);
  const heads = [t("process"), t("ops.key"), t("ops.version"), t("ops.application")];
  if (!items.length) return null;
  return (
    <section aria-labelledby="definitions-title">
      <h2 id="definitions-title">{t("ops.deploy.there")}</h2>
      <Table caption={t("ops.deploy.there")} heads={heads}>
        {items.map((one) => (
          <Row key={one.id}>
            <Cell head={heads[0]!}>
              <b dir="auto">{one.name ?? one.key}</b>
            </Cell>
            <Cell head={heads[1]!}>{one.key}</Cell>
            <Cell head={heads[2]!}>{one.version}</Cell>
            <Cell head={heads[3]!}>{one.application}</Cell>
          </Row>
        ))}
      </Table>
    </section>
  );
}
