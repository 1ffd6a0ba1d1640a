// With which of one's groups a filter is shared.
import { session } from "../state/session.ts";
import { t } from "../words/words.ts";

export function Sharing({ groups, change }: { groups: string[]; change: (groups: string[]) => void }) {
  // Groups one has left meanwhile can only be taken away.
  const all = [...new Set([...session.groups, ...groups])];
  if (!all.length) return null;
  return (
    <fieldset class="sharing">
      <legend>{t("saved.share")}</legend>
      {all.map((group) => (
        <label key={group} class="toggle">
          <input
            type="checkbox"
            checked={groups.includes(group)}
            onChange={(event) =>
              change(event.currentTarget.checked ? [...groups, group] : groups.filter((one) => one !== group))
            }
          />
          <span dir="auto">{group}</span>
        </label>
      ))}
      <p class="quiet">{t("saved.share_hint")}</p>
    </fieldset>
  );
}
