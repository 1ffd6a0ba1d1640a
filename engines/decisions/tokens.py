"""The words of FEEL. Names may hold spaces and even signs, so those the model knows are looked for first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

KEYWORDS = frozenset(
    (
        *("for", "return", "in", "if", "then", "else", "some", "every", "satisfies", "between", "and", "or"),
        *("instance of", "function", "external", "true", "false", "null"),
    )
)
_OWN = ("date and time", "years and months duration", "days and time duration", "get or else")
_WORD = r"(?:[^\W\d]|[\U00010000-\U000effff])(?:\w|[\U00010000-\U000effff])*|\?"
_PLAIN = re.compile(rf"(?:{_WORD})(?:\s+(?:{_WORD}))*")
_ONE_OF = r"""(?:\s|//[^\n]*|/\*.*?\*/)*(?:
       (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?!\w))
      |(?P<text>"(?:[^"\\]|\\.)*")
      |@\s*(?P<moment>"(?:[^"\\]|\\.)*")
      |(?P<known>%s)(?!\w)
      |(?P<word>%s)
      |(?P<symbol>\*\*|\.\.|->|[<>!]=|[-+*/<>=(),.:\[\]{}])
      |(?P<end>\Z)|(?P<other>.))"""
_PAIR = r"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE = re.compile(rf"\\({_PAIR}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{6}}|.)", re.DOTALL)
_ONE = len("U00000a")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}


class Unreadable(Exception):
    """The text is not FEEL; says where, and what was expected."""


class Token(NamedTuple):
    """One word, and where it stands."""

    kind: str
    text: str
    begin: int
    end: int


def tokens(source: str, names: Iterable[str] = ()) -> list[Token]:
    """Cut a text into words; the last one is its end."""
    pattern = _pattern(frozenset(name for name in names if odd(name)))
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = pattern.match(source, at)
        if match is None or match.lastgroup is None or match.lastgroup == "other":
            raise Unreadable(f"{source[at : at + 20].strip()!r} at {at} was not expected")
        kind = match.lastgroup
        word = " ".join(match[kind].split()) if _named(kind) else match[kind]
        found.append(
            Token("keyword" if word in KEYWORDS and _named(kind) else kind, word, match.start(kind), match.end())
        )
        at = match.end()
    return found


def odd(name: str) -> bool:
    """Whether a name cannot be told from an expression without knowing it."""
    return bool(name.strip()) and (not _PLAIN.fullmatch(name) or not KEYWORDS.isdisjoint(name.split()))


def unquoted(word: str) -> str:
    """The text a literal stands for; what is no escape, as in a pattern, stays as it is."""
    return _ESCAPE.sub(_escaped, word[1:-1])


def _escaped(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) > _ONE:
        high, low = int(code[1:5], 16), int(code[7:], 16)
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    if len(code) > 1:
        point = int(code[1:], 16)
        return chr(point) if point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF else found[0]  # noqa: PLR2004
    return _ESCAPES.get(code, found[0])


def _named(kind: str) -> bool:
    return kind in ("known", "word")


@lru_cache(256)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    known = sorted((*names, *_OWN, "instance of"), key=len, reverse=True)
    choices = "|".join(r"\s+".join(map(re.escape, name.split())) for name in known)
    return re.compile(_ONE_OF % (choices, _WORD), re.VERBOSE | re.DOTALL)
