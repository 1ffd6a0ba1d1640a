// What react-jsonschema-form says, in the reader's language.
import { TranslatableString as Said } from "@rjsf/utils";
import { t, type Word } from "../words/words.ts";

const SAID: Partial<Record<Said, Word>> = {
  [Said.ArrayItemTitle]: "schema_form.entry",
  [Said.YesLabel]: "field.yes",
  [Said.NoLabel]: "field.no",
  [Said.NewStringDefault]: "schema_form.new",
  [Said.AddButton]: "schema_form.add",
  [Said.AddItemButton]: "schema_form.add",
  [Said.MoveDownButton]: "schema_form.down",
  [Said.MoveUpButton]: "schema_form.up",
  [Said.RemoveButton]: "schema_form.remove",
  [Said.OptionalObjectAdd]: "schema_form.add",
  [Said.OptionalObjectRemove]: "schema_form.remove",
  [Said.NowLabel]: "schema_form.now",
  [Said.ClearLabel]: "schema_form.clear",
  [Said.ClearButton]: "schema_form.clear",
  [Said.PreviewLabel]: "schema_form.preview",
  [Said.Type]: "schema_form.kind",
  [Said.Value]: "schema_form.value",
  [Said.KeyLabel]: "schema_form.name_of",
  [Said.DeprecatedLabel]: "schema_form.outdated",
  [Said.UnsupportedField]: "schema_form.cannot",
  [Said.UnsupportedFieldWithId]: "schema_form.cannot",
  [Said.UnsupportedFieldWithReason]: "schema_form.cannot",
  [Said.UnsupportedFieldWithIdAndReason]: "schema_form.cannot",
};

/** What is not in the catalogue stays as it is said. */
export function translate(said: Said, values: string[] = []): string {
  if (said === Said.OptionPrefix) return t("schema_form.choice", { n: values[0] ?? "" });
  if (said === Said.TitleOptionPrefix) return t("schema_form.choice_of", { name: values[0] ?? "", n: values[1] ?? "" });
  const word = SAID[said];
  if (word) return t(word, { name: values[0] ?? "", n: "" }).trim();
  return said.replace(/%(\d)/g, (place, at) => values[Number(at) - 1] ?? place);
}
