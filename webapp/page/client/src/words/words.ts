// What the page says, in the reader's language.
import { computed } from "@preact/signals";
import { language } from "../state/preferences.ts";
import * as base from "./base.ts";
import * as drawn from "./drawn.ts";
import * as filters from "./filters.ts";
import * as frame from "./frame.ts";
import * as history from "./history.ts";
import * as instances from "./instances.ts";
import * as list from "./list.ts";
import * as operate from "./operate.ts";
import * as operateDeployments from "./operate_deployments.ts";
import * as operateHealth from "./operate_health.ts";
import * as operateIncidents from "./operate_incidents.ts";
import * as operateInstances from "./operate_instances.ts";
import * as operatePeople from "./operate_people.ts";
import * as operateSetAside from "./operate_set_aside.ts";
import * as operateUntold from "./operate_untold.ts";
import { pseudo } from "./pseudo.ts";
import * as schemaForm from "./schema_form.ts";
import * as start from "./start.ts";
import * as task from "./task.ts";

const en = {
  ...base.en,
  ...drawn.en,
  ...filters.en,
  ...frame.en,
  ...history.en,
  ...instances.en,
  ...list.en,
  ...operate.en,
  ...operateDeployments.en,
  ...operateHealth.en,
  ...operateIncidents.en,
  ...operateInstances.en,
  ...operatePeople.en,
  ...operateSetAside.en,
  ...operateUntold.en,
  ...schemaForm.en,
  ...start.en,
  ...task.en,
};
const de = {
  ...base.de,
  ...drawn.de,
  ...filters.de,
  ...frame.de,
  ...history.de,
  ...instances.de,
  ...list.de,
  ...operate.de,
  ...operateDeployments.de,
  ...operateHealth.de,
  ...operateIncidents.de,
  ...operateInstances.de,
  ...operatePeople.de,
  ...operateSetAside.de,
  ...operateUntold.de,
  ...schemaForm.de,
  ...start.de,
  ...task.de,
};

export type Word = keyof typeof en;
/** A text, or one for each kind of number: `{ one: "{n} task", other: "{n} tasks" }`. */
export type Text = string | { one: string; other: string };
export type Catalogue = Record<Word, Text>;

const CATALOGUES: Record<string, Catalogue> = { en, de, pseudo: pseudo(en) };

/** The language of the words: what was chosen, else the first of the browser's that is there. */
export const spoken = computed(() => {
  if (language.value !== "system") return language.value;
  const wanted = (typeof navigator === "undefined" ? [] : navigator.languages).map((one) => one.slice(0, 2));
  return wanted.find((one) => one in CATALOGUES) ?? "en";
});
/** The language of dates and numbers: the browser's own where it speaks the language of the words. */
export const locale = computed(() => {
  const own = typeof navigator === "undefined" ? "en" : navigator.language;
  return own.startsWith(spoken.value) || spoken.value === "pseudo" ? own : spoken.value;
});

/** The text of that name with its `{places}` filled in; `n` chooses between one and several. */
export function t(word: Word, values: Record<string, string | number> = {}): string {
  const found: Text | undefined = CATALOGUES[spoken.value]![word];
  // A name made of what a server says may be one that nobody knew of: it is said as it is, and the page goes on.
  if (found === undefined) return (word as string).split(".").pop()!;
  const rule = new Intl.PluralRules(spoken.value === "pseudo" ? "en" : spoken.value);
  const text = typeof found === "string" ? found : rule.select(Number(values.n)) === "one" ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale.value) : value;
  });
}
