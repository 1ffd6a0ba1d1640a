// What became of a deployment: what it made and warns of, or why and where it was refused.
import { useEffect, useState } from "preact/hooks";
import { t } from "../words/words.ts";
import { linesAround } from "./lines_around.ts";
import type { Deployed, FoundProblem, Made, Warning } from "./shapes.ts";
import { Cell, Row, Table } from "./table.tsx";

export function DeploymentMade({ deployed }: { deployed: Deployed }) {
  return (
    <section class="became good" aria-label={t("ops.deploy.became")}>
      <ul>
        {deployed.definitions.map((one) => (
          <li key={one.key}>
            {said("ops.deploy.process", one)} <span class="quiet">{one.definitionId}</span>
          </li>
        ))}
        {deployed.decisions.map((one) => (
          <li key={one.key}>{said("ops.deploy.decision", one)}</li>
        ))}
        {deployed.forms.map((one) => (
          <li key={one.key}>{said("ops.deploy.form", one)}</li>
        ))}
      </ul>
      <Warnings warnings={deployed.warnings} />
    </section>
  );
}

function said(kind: "ops.deploy.process" | "ops.deploy.decision" | "ops.deploy.form", { key, name, version }: Made) {
  return t(kind, { name: name ?? key ?? "", version: version ?? 1 });
}

export function DeploymentRefused({ problem, files }: { problem: FoundProblem; files: File[] }) {
  return (
    <section class="became bad" aria-label={t("ops.deploy.became")}>
      <p class="reason" dir="auto">
        {problem.detail ?? problem.title ?? t("failed")}
      </p>
      {problem.line !== undefined && (
        <p>
          {problem.element
            ? t("ops.deploy.at_element", { line: problem.line, element: problem.element })
            : t("ops.deploy.at", { line: problem.line })}
        </p>
      )}
      {problem.line !== undefined && files.length === 1 && <Excerpt file={files[0]!} line={problem.line} />}
      <Warnings warnings={problem.warnings ?? []} />
    </section>
  );
}

/** The lines around the one that is wrong. */
function Excerpt({ file, line }: { file: File; line: number }) {
  const [text, setText] = useState("");
  useEffect(() => void file.text().then(setText, () => {}), [file]);
  const lines = linesAround(text, line);
  if (!lines.length) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <pre class="excerpt" tabIndex={0}>
      {lines.map(([number, content]) => (
        <span key={number} class={number === line ? "at" : ""}>
          {String(number).padStart(4)} {content}
          {"\n"}
        </span>
      ))}
    </pre>
  );
}

function Warnings({ warnings }: { warnings: Warning[] }) {
  const heads = [t("ops.element"), t("ops.line"), t("ops.deploy.warning"), t("ops.deploy.remedy")];
  if (!warnings.length) return null;
  return (
    <>
      <h3>{t("ops.deploy.warnings", { n: warnings.length })}</h3>
      <Table caption={t("ops.deploy.warnings", { n: warnings.length })} heads={heads}>
        {warnings.map((one, index) => (
          <Row key={`${index} ${one.text}`}>
            <Cell head={heads[0]!}>{one.element ?? "–"}</Cell>
            <Cell head={heads[1]!}>{one.line ?? "–"}</Cell>
            <Cell head={heads[2]!}>
              <span dir="auto">{one.text}</span>
            </Cell>
            <Cell head={heads[3]!}>
              <span dir="auto">{one.remedy ?? "–"}</span>
            </Cell>
          </Row>
        ))}
      </Table>
    </>
  );
}
