// English with accents, a third longer: shows which words of the page are not in the catalogue, and what breaks.

const ACCENTS: Record<string, string> = {
  a: "á",
  e: "é",
  i: "í",
  o: "ó",
  u: "ú",
  A: "Á",
  E: "É",
  I: "Í",
  O: "Ó",
  U: "Ú",
};

export function pseudo<Texts extends Record<string, unknown>>(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, changed(text)])) as Texts;
}

function changed(text: unknown): unknown {
  if (typeof text !== "string") return pseudo(text as Record<string, unknown>);
  const accented = text.replace(/\{\w+\}|[aeiouAEIOU]/g, (found) => ACCENTS[found] ?? found);
  return `⟦${accented}${"·".repeat(Math.ceil(text.length / 3))}⟧`;
}
