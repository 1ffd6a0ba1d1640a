// Keeps what is asked under a name.
import { useState } from "preact/hooks";
import { Dialog } from "../parts/dialog.tsx";
import { SubmitOrCancel } from "../parts/submit.tsx";
import { closeDialog, openDialog } from "../state/dialogs.ts";
import { go } from "../state/place.ts";
import { keepFilter, ownFilters } from "../state/saved_filters.ts";
import { toast } from "../state/toasts.ts";
import { t } from "../words/words.ts";
import { vocabulary } from "./attributes.ts";
import { toKeep } from "./kept.ts";
import { type Look, lookOf } from "./look.ts";
import { LookFields } from "./look_fields.tsx";
import { sayFilter } from "./say.ts";
import { Sharing } from "./sharing.tsx";

const LONGEST = 100;

export const openSave = () => openDialog(() => <Save />);

function Save() {
  const [asked] = useState(toKeep);
  const said = asked.filter.map((one) => sayFilter(one, vocabulary.value));
  const [name, setName] = useState((asked.q || (said[0] ?? "")).slice(0, LONGEST));
  const [groups, setGroups] = useState<string[]>([]);
  const [own, setOwn] = useState<Look | null>(null);
  const [bad, setBad] = useState("");
  const before = ownFilters.value.find((one) => one.name === name.trim());
  // What is replaced keeps its own, until that is changed here.
  const look = own ?? lookOf(before);
  const submit = async (event: Event) => {
    event.preventDefault();
    const last = Math.max(-1, ...ownFilters.value.map((one) => one.position));
    try {
      const kept = await keepFilter({ name: name.trim(), groups, look }, asked, before?.position ?? last + 1);
      closeDialog();
      go({ tab: "saved", saved: kept.id, q: "", filters: [], sort: "", deferred: false });
      toast(t("saved.kept", { name: kept.name }), "good");
    } catch (error) {
      setBad((error as Error).message);
    }
  };
  return (
    <Dialog title={t("saved.save")} close={closeDialog}>
      <form class="save-filter" onSubmit={submit}>
        {said.length > 0 && (
          <ul class="said">
            {said.map((text) => (
              <li key={text} dir="auto">
                {text}
              </li>
            ))}
          </ul>
        )}
        <label>
          {t("saved.name")}
          <input
            type="text"
            dir="auto"
            required
            pattern=".*\S.*"
            maxLength={LONGEST}
            value={name}
            onFocus={(event) => event.currentTarget.select()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        {before && <p class="quiet">{t("saved.replaces")}</p>}
        <LookFields look={look} change={setOwn} />
        <Sharing groups={groups} change={setGroups} />
        {bad && (
          <p class="filter-trouble" role="alert">
            {bad}
          </p>
        )}
        <SubmitOrCancel label={t("save")} />
      </form>
    </Dialog>
  );
}
