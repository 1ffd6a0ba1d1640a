// Narrows a list to one application.
import { useId } from "preact/hooks";
import { go, place } from "../state/place.ts";
import { t } from "../words/words.ts";
import { overview } from "./overview.ts";
import { readWanted, writeWanted } from "./wanted.ts";

export function ApplicationFilter({ others }: { others: string[] }) {
  const id = useId();
  const wanted = readWanted(place.value.filters);
  const known = Object.keys(overview.value?.status?.applications ?? {});
  const names = [...new Set([...known, ...others, ...(wanted.application ? [wanted.application] : [])])].sort();
  return (
    <p class="filter">
      <label for={id}>{t("ops.application")}</label>
      <select
        id={id}
        value={wanted.application ?? ""}
        onChange={(event) =>
          go({ filters: writeWanted({ ...wanted, application: event.currentTarget.value }) }, { replace: true })
        }
      >
        <option value="">{t("ops.all_applications")}</option>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </p>
  );
}
