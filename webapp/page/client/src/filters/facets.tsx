// What the list consists of: its values with their counts; a click narrows to them.
import { useState } from "preact/hooks";
import type { Filter } from "../api/shapes.ts";
import { go, place } from "../state/place.ts";
import { kept } from "../state/preferences.ts";
import { session } from "../state/session.ts";
import { locale, t, type Word } from "../words/words.ts";
import { vocabulary } from "./attributes.ts";
import { useCounted, type Values } from "./counted.ts";
import { chosenOf, toggled, without } from "./facet_filters.ts";
import { readSentence, sameFilter } from "./sentence.ts";
import { BAND_ENDS } from "./values.ts";
import "./facets.css";

export const isOverviewOpen = kept("overview", false, (value) => typeof value === "boolean");

const FIELDS: [string, Word][] = [
  ["task.processName", "facets.process"],
  ["task.application", "facets.application"],
  ["task.assignee", "facets.assignee"],
  // A task counts for each of them that is the reader's.
  ["task.candidateGroups", "facets.group"],
];
const FEW = 6;

interface Line {
  label: string;
  count: number;
  isAbout?: boolean;
  isChosen: boolean;
  toggle: () => void;
}

export function Facets() {
  const words = vocabulary.value;
  const { filters } = place.value;
  const said = (text: string): Filter => readSentence(text, words).filter!;
  const dueIs = `${words.attributes.find((one) => one.name === "task.dueDate")!.label} ${words.operators.is}`;
  const dues: [Word, Filter][] = [
    ["facets.overdue", said(words.overdue)],
    ["facets.today", said(`${dueIs} ${words.days.today}`)],
    ["facets.week", said(`${dueIs} ${words.days.thisWeek}`)],
  ];
  const counted = useCounted(
    [...FIELDS.map(([field]) => field), "task.priority"],
    dues.map(([word, filter]) => [word, "task.dueDate", filter]),
  );
  const only = (field: string, filter: Filter): Pick<Line, "isChosen" | "toggle"> => {
    const isChosen = filters.some((one) => sameFilter(one, filter));
    return { isChosen, toggle: () => go({ filters: [...without(filters, field), ...(isChosen ? [] : [filter])] }) };
  };
  const values = (field: string): Line[] => {
    const chosen = chosenOf(filters, field);
    const found: Values = counted?.values?.[field] ?? [];
    return found.map(({ value, count, isAbout }) => {
      const name = value === null ? null : String(value);
      const label = name ?? t(field === "task.assignee" ? "facets.nobody" : "facets.none");
      return {
        label: field === "task.assignee" && name === session.user ? t("filter.me") : label,
        count,
        isAbout,
        isChosen: chosen.has(name),
        toggle: () => go({ filters: toggled(filters, field, name) }),
      };
    });
  };
  const bands = [3, 2, 1, 0].map((band): Line => {
    const of = (value: string | number | null) => BAND_ENDS.filter((end) => Number(value) > end).length;
    const found = (counted?.values?.["task.priority"] ?? []).filter(
      (one) => one.value !== null && of(one.value) === band,
    );
    const count = found.reduce((sum, one) => sum + one.count, 0);
    const isAbout = found.some((one) => one.isAbout);
    const priority = words.attributes.find((one) => one.name === "task.priority")!.label;
    const filter = said(`${priority} ${words.operators.is} ${words.bands[band]}`);
    return { label: words.bands[band]!, count, isAbout, ...only("task.priority", filter) };
  });
  const dueLines = dues.map(([word, filter]): Line => {
    const count = counted?.totals.get(word) ?? 0;
    return { label: t(word), count, ...only("task.dueDate", filter) };
  });
  const isSplit = counted !== null && counted.values === null;
  return (
    <section id="overview" class="facets" aria-label={t("facets.title")}>
      <Facet title={t("facets.due")} lines={dueLines} />
      {!isSplit && <Facet title={t("facets.priority")} lines={bands} />}
      {!isSplit && FIELDS.map(([field, word]) => <Facet key={field} title={t(word)} lines={values(field)} />)}
      {isSplit && <p class="quiet">{t("facets.groups")}</p>}
    </section>
  );
}

function Facet({ title, lines }: { title: string; lines: Line[] }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? lines : lines.filter((one, index) => index < FEW || one.isChosen);
  const hidden = lines.length - shown.length;
  if (!lines.length) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is laid out in its own way
    <div role="group" class="facet" aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {shown.map((one) => (
          <li key={one.label}>
            <button
              type="button"
              class="plain"
              aria-pressed={one.isChosen}
              aria-label={t(one.isAbout ? "facets.about" : "facets.value", { value: one.label, n: one.count })}
              title={one.label}
              onClick={one.toggle}
            >
              <span class="name" dir="auto">
                {one.label}
              </span>
              <span class="number">{`${one.isAbout ? "≈" : ""}${one.count.toLocaleString(locale.value)}`}</span>
            </button>
          </li>
        ))}
      </ul>
      {(hidden > 0 || isWhole) && (
        <button type="button" class="plain more" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("facets.fewer") : t("facets.more", { n: hidden })}
        </button>
      )}
    </div>
  );
}
