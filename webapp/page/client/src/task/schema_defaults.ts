// What a form of a JSON Schema begins with.

/** Only what the schema says begins somewhere does: no first choice, no `false` that nobody has said, no entry. */
export const NOTHING_MADE_UP = {
  emptyObjectFields: "skipEmptyDefaults",
  constAsDefaults: "skipOneOf",
  requiredBooleanDefault: "skip",
  // As many entries as there must be nobody has made, and nobody could count what a schema may ask for.
  arrayMinItems: { populate: "never" },
} as const;
