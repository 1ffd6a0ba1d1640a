// What is said in forms that are drawn of a JSON Schema.
import type { Text } from "./words.ts";

export const en = {
  "schema_form.add": "Add",
  "schema_form.up": "Up",
  "schema_form.down": "Down",
  "schema_form.remove": "Take away",
  "schema_form.of": "{what}: {name}",
  "schema_form.entry": "Entry {n}",
  "schema_form.choice": "Choice {n}",
  "schema_form.choice_of": "{name}, choice {n}",
  "schema_form.name_of": "Name of {name}",
  "schema_form.outdated": "{name} (no longer used)",
  "schema_form.now": "Now",
  "schema_form.clear": "Clear",
  "schema_form.preview": "Look at it",
  "schema_form.new": "New",
  "schema_form.kind": "Kind",
  "schema_form.value": "Value",
  "schema_form.cannot": "This part of the form cannot be shown.",
};

export const de: Record<keyof typeof en, Text> = {
  "schema_form.add": "Hinzufügen",
  "schema_form.up": "Nach oben",
  "schema_form.down": "Nach unten",
  "schema_form.remove": "Wegnehmen",
  "schema_form.of": "{what}: {name}",
  "schema_form.entry": "Eintrag {n}",
  "schema_form.choice": "Möglichkeit {n}",
  "schema_form.choice_of": "{name}, Möglichkeit {n}",
  "schema_form.name_of": "Name von {name}",
  "schema_form.outdated": "{name} (nicht mehr verwendet)",
  "schema_form.now": "Jetzt",
  "schema_form.clear": "Leeren",
  "schema_form.preview": "Ansehen",
  "schema_form.new": "Neu",
  "schema_form.kind": "Art",
  "schema_form.value": "Wert",
  "schema_form.cannot": "Dieser Teil des Formulars lässt sich nicht zeigen.",
};
