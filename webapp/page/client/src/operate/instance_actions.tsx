// What an operator can do to an instance that has not ended; shown to nobody else.
import { useState } from "preact/hooks";
import { command } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { Instance } from "../instances/shapes.ts";
import { session } from "../state/session.ts";
import { t, type Word } from "../words/words.ts";
import { confirm } from "./confirm.tsx";
import { Outcome, type Told } from "./outcomes.tsx";

interface Given {
  instance: Instance;
  changed: () => void;
}

export function InstanceActions({ instance, changed }: Given) {
  const [told, setTold] = useState<Told | undefined>(undefined);
  if (!session.isOperator) return null;
  const done = (word: Word) => {
    setTold({ state: "done", text: t(word) });
    changed();
  };
  const ask = (what: "suspend" | "resume" | "cancel") =>
    confirm({
      title: t(`ops.${what}_title`),
      says: [t(`ops.${what}_says`), t(`ops.${what}_then`)],
      act: t(`ops.${what}`),
      dangerous: what === "cancel",
      reason: true,
      work: async (reason, key) => {
        await command(ofInstance(instance.id, what), { reason }, key);
        done(`ops.${what}_done`);
      },
    });
  const move = async () => (await import("./move.tsx")).openMove(instance, () => done("ops.move_done"));
  const migrate = async () => (await import("./migrate.tsx")).openMigrate(instance, () => done("ops.migrate_done"));
  const variables = async () =>
    (await import("./variables.tsx")).openVariables({
      instance: instance.id,
      title: t("ops.variables.change_title"),
      says: [t("ops.variables.change_says")],
      act: t("ops.variables.change"),
      done: () => done("ops.variables.done"),
    });
  const runs = instance.state === "RUNNING" || instance.state === "SUSPENDED";
  return (
    <section class="instance-actions" aria-label={t("ops.instance.actions")}>
      {runs && (
        <p class="actions">
          {instance.state === "RUNNING" ? (
            <button type="button" onClick={() => ask("suspend")}>
              {t("ops.suspend")}…
            </button>
          ) : (
            <button type="button" onClick={() => ask("resume")}>
              {t("ops.resume")}…
            </button>
          )}
          <button type="button" onClick={() => void move()}>
            {t("ops.move")}…
          </button>
          <button type="button" onClick={() => void variables()}>
            {t("ops.variables.change")}…
          </button>
          <button type="button" onClick={() => void migrate()}>
            {t("ops.migrate")}…
          </button>
          <button type="button" class="danger" onClick={() => ask("cancel")}>
            {t("ops.cancel")}…
          </button>
        </p>
      )}
      <Outcome told={told} />
    </section>
  );
}
