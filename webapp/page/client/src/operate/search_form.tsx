// The form above a list that is narrowed by what is typed and chosen: on Enter, or at once where something is chosen.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t } from "../words/words.ts";
import { ApplicationFilter } from "./application_filter.tsx";

interface Given {
  /** Is given what is said in a field of that name, trimmed. */
  search: (said: (name: string) => string) => void;
  /** Applications of what is listed. */
  others: string[];
  children: ComponentChildren;
}

export function SearchForm({ search, others, children }: Given) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    search((name) => String(typed.get(name) ?? "").trim());
  };
  return (
    <form class="search-form" onSubmit={submit}>
      {children}
      <ApplicationFilter others={others} />
      <button type="submit" class="primary">
        {t("list.search")}
      </button>
    </form>
  );
}

interface Choice {
  name: string;
  label: string;
  value: string | undefined;
  /** Stands for all of them. */
  any: string;
  /** Value, and what is said of it. */
  choices: string[][];
}

export function SearchChoice({ name, label, value = "", any, choices }: Choice) {
  const id = useId();
  return (
    <div class="stacked">
      <label for={id}>{label}</label>
      <select id={id} name={name} value={value} onChange={(event) => event.currentTarget.form?.requestSubmit()}>
        <option value="">{any}</option>
        {choices.map(([one, said]) => (
          <option key={one} value={one}>
            {said}
          </option>
        ))}
      </select>
    </div>
  );
}
