// What is wrong with a field, as a sentence.
import type { Problem } from "../api/calls.ts";
import type { FormField } from "../api/shapes.ts";
import { t } from "../words/words.ts";
import type { Errors } from "./fields.tsx";
import { type Wrong, wrongOf } from "./judge.ts";

/** Choices are called as the form calls them. */
export function sentenceOf({ word, values }: Wrong, field?: FormField): string {
  const names = new Map((field?.values ?? []).map((one) => [one.id, one.name]));
  const n = typeof values?.n === "string" && names.size ? namesIn(values.n, names) : values?.n;
  return t(word, { ...values, n: n ?? "" });
}

const namesIn = (ids: string, names: Map<string, string>): string =>
  ids
    .split(", ")
    .map((id) => names.get(id) ?? id)
    .join(", ");

/** What the engine says of fields. */
export function errorsOf(problem: Problem, fields: FormField[] = []): Errors {
  const said = (problem.document.errors ?? []).map(({ field, message }) => {
    const wrong = wrongOf(message);
    const asked = fields.find((one) => one.id === field);
    return [field, wrong ? sentenceOf(wrong, asked) : t("field.error", { message })];
  });
  return Object.fromEntries(said);
}
