// How well what was typed fits a name: by the beginnings of its words, without accents.

const EXACT = 4;
const BEGINS = 3;
const WORDS = 2;
const INSIDE = 1;

/** The higher the better; 0 where it does not fit, and for every name where nothing was typed 1. */
export function fit(typed: string, name: string): number {
  const wanted = plain(typed).trim();
  const text = plain(name);
  if (!wanted) return 1;
  if (text === wanted) return EXACT;
  if (text.startsWith(wanted)) return BEGINS;
  const words = wordsOf(text);
  const parts = wordsOf(wanted);
  if (parts.length && parts.every((part) => begins(part, words))) return WORDS;
  return text.includes(wanted) ? INSIDE : 0;
}

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const wordsOf = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

// Whether it is beginnings of words after each other: `grta` of "group tasks".
function begins(part: string, words: string[]): boolean {
  if (!part) return true;
  return words.some((word, at) => {
    for (let length = shared(part, word); length > 0; length -= 1)
      if (begins(part.slice(length), words.slice(at + 1))) return true;
    return false;
  });
}

function shared(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
