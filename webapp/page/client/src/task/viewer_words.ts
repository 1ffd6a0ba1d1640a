// What form-js says, in the reader's language.
import { t, type Word } from "../words/words.ts";

const SAID: Record<string, Word> = {
  "Field is required.": "wrong.required",
  "Value is not a number.": "wrong.number",
  "Value is expected to be an integer.": "wrong.whole",
  "Value is expected to have at most 1 decimal digit.": "drawn_form.digits",
  "Value is expected to have at most {value} decimal digits.": "drawn_form.digits",
  "Please select a valid value, the two nearest valid values are {previousValue} and {nextValue}.":
    "drawn_form.nearest",
  "Field must match pattern {value}.": "wrong.pattern",
  "Field must have minimum value of {value}.": "wrong.least",
  "Field must have maximum value of {value}.": "wrong.most",
  "Field must have minimum length of {value}.": "wrong.shortest",
  "Field must have maximum length of {value}.": "wrong.longest",
  "Field must be a valid international phone number. (e.g. +4930664040900)": "drawn_form.phone",
  "Field must be a valid email.": "drawn_form.email",
  "Date and time must both be entered.": "drawn_form.both",
  "No content to show.": "drawn_form.nothing",
  "Nothing to show.": "drawn_form.nothing",
  Increment: "drawn_form.more",
  Decrement: "drawn_form.less",
  "Skip to search": "drawn_form.to_search",
  "Remove tag": "drawn_form.remove",
  Search: "drawn_form.search",
  "No results": "drawn_form.none_found",
  "All values selected": "drawn_form.all_chosen",
  "{page} of {total}": "drawn_form.page",
  "Previous page": "drawn_form.previous",
  "Next page": "drawn_form.next",
  "Click to sort by {value} ascending": "drawn_form.ascending",
  "Click to sort by {value} descending": "drawn_form.descending",
  "Click to remove sorting": "drawn_form.unsorted",
  "Add new": "drawn_form.add",
  "Expand all ({value})": "drawn_form.expand",
  Collapse: "drawn_form.collapse",
};

/** What is not in the catalogue stays as form-js says it. */
export function translate(said: string, values: Record<string, unknown> = {}): string {
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  const word = SAID[said];
  if (word) return t(word, { n: texts.value ?? "1", ...texts });
  return said.replace(/{([^}]+)}/g, (place, name) => texts[name] ?? place);
}
