// Who is meant by what one writes: `@name`.

export interface Piece {
  text: string;
  /** Whom it names. */
  who?: string;
}

const MENTION = /(^|[\s(])@([\p{L}\p{N}_][\p{L}\p{N}_.-]{0,98}[\p{L}\p{N}_]|[\p{L}\p{N}_])/gu;

/** A text in pieces, those that name somebody apart. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(MENTION)) {
    const at = found.index + found[1]!.length;
    if (at > from) pieces.push({ text: text.slice(from, at) });
    pieces.push({ text: `@${found[2]}`, who: found[2] });
    from = at + found[2]!.length + 1;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** What of a name stands before the caret; null where none is being written. */
export function begunAt(text: string, caret: number): string | null {
  const found = /(?:^|[\s(])@([\p{L}\p{N}_.-]{0,100})$/u.exec(text.slice(0, caret));
  return found ? found[1]! : null;
}

/** The text with that name in it, and where the caret is then. */
export function completed(text: string, caret: number, name: string): { text: string; caret: number } {
  const begun = begunAt(text, caret) ?? "";
  const before = `${text.slice(0, caret - begun.length)}${name} `;
  return { text: before + text.slice(caret).replace(/^ /, ""), caret: before.length };
}
