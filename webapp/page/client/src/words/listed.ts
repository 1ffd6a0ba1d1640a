// Several names as one reads them: "Ann, Bob or Cem".
import { locale } from "./words.ts";

export const listed = (names: readonly string[], type: Intl.ListFormatType = "disjunction"): string =>
  new Intl.ListFormat(locale.value, { type }).format(names);
