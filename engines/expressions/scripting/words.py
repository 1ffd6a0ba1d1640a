"""The words of scripts: what each language writes its own way becomes one set of words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engines.expressions.tokens import Token, Unreadable

MAX_WORDS = 10_000
_SHAPE = r"""(?P<space>[ \t\f\r]+|\\\n)|(?P<comment>{comment})|(?P<newline>\n)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?P<suffix>[LlGgDdFf]?)(?!\w)
    |(?P<text>[fF]?(?:\"\"\".*?\"\"\"|'''.*?'''|(?!\"\"\"|''')(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))|`(?:[^`\\]|\\.)*`)
    |(?P<name>[^\W\d][\w$]*|\$[\w$]+)
    |(?P<symbol>(?!/\*)(?:===|!==|{pair}[-+*/%]=|[=!<>]=|&&|\|\||\?\?|\?\.|\?:|\+\+|--|<<|=>|->|\*\*|\.\.
        |[-+*/%<>!?:.,()\[\]{{}}=;]))
    |(?P<other>.)"""
_SLASHES, _HASH = r"//[^\n]*|/\*.*?\*/", r"\#[^\n]*"
_SYNONYMS: Mapping[str, str] = {"&&": "and", "||": "or", "!": "not", "undefined": "null"}
_PYTHONS: Mapping[str, str] = {"True": "true", "False": "false", "None": "null"}
_WORDS = frozenset({"and", "or", "not", "in", "is", "true", "false", "null", "if", "else"})
_PYTHON_WORDS = ("and", "or", "not", "is")
_GOES_ON = (".", "?.", "and", "or", "?", ":", "?:", "??")
_OPEN = ("=", "+=", ",", "and", "or", "+", "?", ":", "?:", "==", "not")


def words_of(text: str, *, indented: bool, python: bool) -> list[Token]:
    """All words of a script; line ends count, and in languages that indent, so does the space before a line."""
    raw = list(_raw(text, python=python, mixed=indented and not python))
    if len(raw) > MAX_WORDS:
        raise Unreadable("the script is too long")
    words = list(_indented(raw, text) if indented else _lines(raw))
    return [Token(word.kind, word.text, word.begin, at + 1, word.raw) for at, word in enumerate(words)]


def _raw(text: str, *, python: bool, mixed: bool) -> Iterator[Token]:
    comment = f"{_HASH}|{_SLASHES}" if mixed else _HASH if python else _SLASHES
    shape = re.compile(_SHAPE.format(comment=comment, pair="//=?|" if python else ""), re.VERBOSE | re.DOTALL)
    at = 0
    while at < len(text):
        found = shape.match(text, at)
        kind = (found and found.lastgroup) or "other"
        if found is None or kind == "other":
            raise Unreadable(f"{text[at]!r} is not understood here", at)
        at = found.end()
        if kind not in ("space", "comment"):
            yield _word("number" if kind == "suffix" else kind, found, python=python or mixed)
        elif kind == "comment" and "\n" in found[0]:
            yield Token("newline", "\n", found.start(), 0, "\n")
    yield Token("newline", "\n", len(text), 0, "\n")
    yield Token("end", "", len(text), 0, "")


def _word(kind: str, found: re.Match[str], *, python: bool) -> Token:
    raw = found[kind]
    if kind not in ("name", "symbol"):
        return Token(kind, raw, found.start(), 0, raw)
    text = _SYNONYMS.get(raw, _PYTHONS.get(raw, raw) if python else raw)
    word = text in _WORDS and (kind == "symbol" or python or text not in _PYTHON_WORDS)
    return Token("word" if word else kind, text, found.start(), 0, raw)


def _lines(raw: list[Token]) -> Iterator[Token]:
    """Line ends only where a statement may end."""
    depth, last = 0, ""
    for word, following in zip(raw, _following(raw), strict=True):
        if word.kind == "symbol":
            depth = max(0, depth + (word.text in ("(", "[")) - (word.text in (")", "]")))
        if word.kind == "newline":
            goes_on = following.kind in ("symbol", "word") and following.text in _GOES_ON
            if depth or goes_on or last in _OPEN:
                continue
        last = word.text if word.kind in ("symbol", "word") else ""
        yield word


def _following(raw: list[Token]) -> list[Token]:
    """For each word, the first after it that is no line end."""
    found, following = raw[-1], []
    for word in reversed(raw):
        following.append(found)
        found = found if word.kind == "newline" else word
    return following[::-1]


def _indented(raw: list[Token], text: str) -> Iterator[Token]:
    """Line ends outside brackets, and where lines begin further right or left."""
    depth, margins, fresh = 0, [0], True
    for word in raw:
        if word.kind == "symbol":
            depth = max(0, depth + (word.text in ("(", "[", "{")) - (word.text in (")", "]", "}")))
        if word.kind == "newline":
            if not depth and not fresh:
                yield word
                fresh = True
            continue
        if fresh:
            yield from _margin(word, margins, text)
            fresh = False
        yield word


def _margin(word: Token, margins: list[int], text: str) -> Iterator[Token]:
    here = 0 if word.kind == "end" else word.begin - (text.rfind("\n", 0, word.begin) + 1)
    if here > margins[-1]:
        margins.append(here)
        yield Token("indent", "", word.begin, 0, "an indented line")
    while here < margins[-1]:
        margins.pop()
        yield Token("dedent", "", word.begin, 0, "the end of the block")
    if here != margins[-1]:
        raise Unreadable("the line is indented unlike those before", word.begin)
