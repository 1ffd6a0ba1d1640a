"""The words of an expression, and what is said when they cannot be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
      |(?P<name>[^\W\d][\w$]*|\$[\w$]+)
      |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      |(?P<symbol>&&|\|\||[=!<>]=|[-+*/%<>!?:.,()\[\]{}=;])
      |(?P<end>\Z)|(?P<other>\S))""",
    re.VERBOSE | re.DOTALL,
)
_SYNONYMS = {
    "&&": "and",
    "||": "or",
    "!": "not",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
    "True": "true",
    "False": "false",
    "None": "null",
}
_WORDS = {"and", "or", "not", "empty", "in", "true", "false", "null", "if", "else"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
MAX_LITERAL = 2**63


class Unreadable(Exception):
    """The text can never be read; `at` is the character where that shows, counted from 0."""

    def __init__(self, reason: str, at: int | None = None) -> None:
        super().__init__(reason)
        self.at = at


@dataclass(frozen=True, slots=True)
class Token:
    """A word, where it begins in the text, and where the next one is to be read; `raw` is as it was written."""

    kind: str
    text: str
    begin: int
    next: int
    raw: str = ""


def read_token(text: str, at: int) -> Token:
    """The word of an expression that starts there, after any space."""
    found = _TOKEN.match(text, at)
    if found is None or found.lastgroup is None:
        raise Unreadable(f"nothing readable at character {at + 1}", at)
    kind, raw, begin = found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)
    if kind == "other" and raw in "\"'":
        raise Unreadable(f"the text that begins at character {begin + 1} has no closing {raw}", begin)
    if kind not in ("name", "symbol"):
        return Token(kind, raw, begin, found.end(), raw)
    word = _SYNONYMS.get(raw, raw)
    kind = "word" if word in _WORDS else kind if word[:1].isidentifier() or kind == "name" == word else "symbol"
    return Token(kind if word[:1] != "$" else "name", word, begin, found.end(), raw)


def number(token: Token) -> int | float:
    """The number a token spells; raises `Unreadable` beyond 64 bits."""
    found = float(token.text) if set(token.text) & set(".eE") else int(token.text[:20])
    if not -MAX_LITERAL < found < MAX_LITERAL:
        raise Unreadable(f"the number at character {token.begin + 1} is too large", token.begin)
    return found


def unquoted(text: str) -> str:
    """What a quoted text says."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL)
