// Making an instance one of another version of its process, after seeing whether that can be.
import { useEffect, useId, useState } from "preact/hooks";
import { call, command, newKey } from "../api/calls.ts";
import { ofInstance } from "../api/paths.ts";
import type { Instance } from "../instances/shapes.ts";
import { openDialog } from "../state/dialogs.ts";
import { t } from "../words/words.ts";
import { Confirm } from "./confirm.tsx";
import { reasonOf } from "./outcomes.tsx";

interface Migrated {
  migrated: string[];
  left: { processInstanceId: string; problems: string[] }[];
}

export const openMigrate = (instance: Instance, done: () => void): void =>
  openDialog(() => <Migrate instance={instance} done={done} />);

function Migrate({ instance, done }: { instance: Instance; done: () => void }) {
  const id = useId();
  const versions = useVersions(instance);
  const [to, setTo] = useState("");
  const [told, setTold] = useState<{ good: boolean; text: string } | null>(null);
  const path = ofInstance(instance.id, "migrate");
  const asked = () => {
    if (!to.trim()) throw new Error(t("ops.migrate_no_version"));
    return { to: to.trim() };
  };
  const tryIt = async () => {
    setTold(null);
    try {
      const found = await command<Migrated>(path, { ...asked(), dryRun: true }, newKey());
      const problems = problemsOf(found);
      setTold({ good: !problems, text: problems || t("ops.migrate_can") });
    } catch (error) {
      setTold({ good: false, text: reasonOf(error) });
    }
  };
  const work = async (reason: string | null, key: string) => {
    const problems = problemsOf(await command<Migrated>(path, { ...asked(), dryRun: false, reason }, key));
    if (problems) throw new Error(problems);
    done();
  };
  return (
    <Confirm
      title={t("ops.migrate_title")}
      says={[t("ops.migrate_says"), t("ops.migrate_then")]}
      act={t("ops.migrate")}
      reason
      work={work}
    >
      <div class="stacked">
        <label for={id}>{t("ops.migrate_to")}</label>
        <input
          id={id}
          list={`${id}-versions`}
          autocomplete="off"
          spellcheck={false}
          value={to}
          aria-describedby={`${id}-hint`}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
        <datalist id={`${id}-versions`}>
          {versions.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <span id={`${id}-hint`} class="quiet">
          {t("ops.migrate_now", { version: instance.processDefinitionId ?? t("ops.unknown") })}
        </span>
      </div>
      <p class="actions">
        <button type="button" onClick={() => void tryIt()}>
          {t("ops.migrate_try")}
        </button>
      </p>
      <p class={told ? (told.good ? "outcome done" : "outcome failed") : "outcome none"} role="status" dir="auto">
        {told?.text}
      </p>
    </Confirm>
  );
}

const problemsOf = (found: Migrated): string => (found.left ?? []).flatMap((one) => one.problems).join("; ");

// There is no list of all versions: those are offered that newer instances of the process have.
function useVersions({ application, processDefinitionKey, processDefinitionId }: Instance): string[] {
  const [found, setFound] = useState<string[]>([]);
  useEffect(() => {
    const filter = `instance.processDefinitionKey = "${processDefinitionKey}"`;
    const wanted = new URLSearchParams({ application, filter, size: "100" });
    call<{ items: Instance[] }>(`/process-instances?${wanted}`).then(
      ({ body }) => {
        const ids = body.items.flatMap((one) => one.processDefinitionId ?? []);
        setFound([...new Set(ids)].filter((one) => one !== processDefinitionId));
      },
      () => {},
    );
  }, [application, processDefinitionKey, processDefinitionId]);
  return found;
}
