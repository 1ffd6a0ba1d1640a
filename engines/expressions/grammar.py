"""The grammar of expressions: text to a function of the variables. Its own words, so Python's are simply unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engines.expressions import meaning
from engines.expressions.meaning import Evaluate
from engines.expressions.moments import Moment
from engines.expressions.operations import member

MAX_DEPTH = 60
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?![\w.]))
      |(?P<name>[^\W\d][\w$]*)
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
_LITERALS = {"true": True, "false": False, "null": None}
_LEVELS = (("==", "!=", "<", ">", "<=", ">=", "in", "not in"), ("+", "-"), ("*", "/", "%"))
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_CLOCKS = ("dateTime", "now")


class Unreadable(Exception):
    """The text is not an expression."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    begin: int
    end: int


def parse(text: str, start: int, *, closed: bool) -> tuple[Evaluate, int]:
    """Read the expression that starts there, up to its `}` when closed; also says where reading ended."""
    reader = _Reader(text, start)
    expression = reader.ternary()
    end = reader.token.end
    if closed and reader.token.text == "}":
        return expression, end
    if closed or reader.token.kind != "end":
        raise reader.surprised()
    return expression, end


def parse_assignments(script: str) -> Iterator[tuple[str, Evaluate]]:
    """Read lines of `name = expression`."""
    for line in script.replace(";", "\n").splitlines():
        if not line.strip() or line.strip().startswith(("#", "//")):
            continue
        reader = _Reader(line, 0)
        name = reader.take("name").text
        reader.take("symbol", "=")
        yield name, parse(line, reader.token.begin, closed=False)[0]


class _Reader:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._depth = 0
        self.token = self._read(start)

    def ternary(self) -> Evaluate:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable(f"nested deeper than {MAX_DEPTH}")
        first = self._either()
        if self._skip("?"):
            first = meaning.choice(first, self.ternary(), self._after(":", self.ternary))
        elif self._skip("if"):
            first = meaning.choice(self._either(), first, self._after("else", self.ternary))
        self._depth -= 1
        return first

    def take(self, kind: str, text: str | None = None) -> _Token:
        token = self.token
        if token.kind != kind or (text is not None and token.text != text):
            raise self.surprised()
        self.token = self._read(token.end)
        return token

    def surprised(self) -> Unreadable:
        if self.token.kind == "end":
            return Unreadable("ends too early")
        return Unreadable(f"{self.token.text!r} at {self.token.begin} was not expected")

    def _either(self) -> Evaluate:
        left = self._both()
        while self._skip("or"):
            left = meaning.either(left, self._both())
        return left

    def _both(self) -> Evaluate:
        left = self._binary(0)
        while self._skip("and"):
            left = meaning.both(left, self._binary(0))
        return left

    def _binary(self, level: int) -> Evaluate:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while (operator := self._operator(level)) is not None:
            left = meaning.binary(operator, left, self._binary(level + 1))
        return left

    def _operator(self, level: int) -> str | None:
        if level == 0 and self.token.text == "not" and self.token.kind == "word":
            self.token = self._read(self.token.end)
            self._expect("in")
            return "not in"
        if self.token.kind not in ("symbol", "word") or self.token.text not in _LEVELS[level]:
            return None
        operator = self.token.text
        self.token = self._read(self.token.end)
        return operator

    def _unary(self) -> Evaluate:
        signs = []
        while self.token.kind != "text" and self.token.text in ("not", "empty", "-"):
            signs.append(self.token.text)
            self.token = self._read(self.token.end)
            if len(signs) > MAX_DEPTH:
                raise Unreadable("too many signs")
        found, bare = self._member()
        for sign in reversed(signs):
            found = meaning.signed(sign, found, bare)
        return found

    def _member(self) -> tuple[Evaluate, str | None]:
        found, bare = self._primary()
        for _ in range(MAX_DEPTH):
            if self._skip("."):
                found = self._dotted(found)
            elif self._skip("["):
                found = meaning.item(found, self.ternary())
                self._expect("]")
            else:
                return found, bare
            bare = None
        raise Unreadable("too many members")

    def _dotted(self, owner: Evaluate) -> Evaluate:
        name = self.take("name").text
        if name.startswith("__"):
            raise Unreadable(f"{name!r} is not a name")
        if self._skip("("):
            return meaning.called(owner, name, self._list(")", self.ternary))
        return lambda scope, now: member(owner(scope, now), name)

    def _primary(self) -> tuple[Evaluate, str | None]:
        token = self.token
        self.token = self._read(token.end)
        if token.kind == "number":
            return meaning.constant(float(token.text) if "." in token.text else int(token.text)), None
        if token.kind == "text":
            return meaning.constant(_unquoted(token.text)), None
        if token.kind == "word" and token.text in _LITERALS:
            return meaning.constant(_LITERALS[token.text]), None
        if token.kind == "name":
            return self._named(token)
        return self._bracketed(token), None

    def _named(self, token: _Token) -> tuple[Evaluate, str | None]:
        if not self._skip("("):
            return meaning.variable(token.text), token.text
        if token.text not in _CLOCKS:
            raise Unreadable(f"calling {token.text!r} is not possible here")
        self._expect(")")
        return (lambda _scope, now: Moment(now)), None

    def _bracketed(self, token: _Token) -> Evaluate:
        if token.text == "(" and token.kind == "symbol":
            inner = self.ternary()
            self._expect(")")
            return inner
        if token.text == "[" and token.kind == "symbol":
            items = self._list("]", self.ternary)
            return lambda scope, now: [item(scope, now) for item in items]
        if token.text == "{" and token.kind == "symbol":
            pairs = self._list("}", self._pair)
            return lambda scope, now: {name: item(scope, now) for name, item in pairs}
        self.token = token
        raise self.surprised()

    def _pair(self) -> tuple[str, Evaluate]:
        name = _unquoted(self.take("text").text)
        return name, self._after(":", self.ternary)

    def _list(self, end: str, read: Callable[[], Any]) -> list[Any]:
        items: list[Any] = []
        while not self._skip(end):
            if items:
                self._expect(",")
            items.append(read())
        return items

    def _after(self, text: str, read: Callable[[], Evaluate]) -> Evaluate:
        self._expect(text)
        return read()

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            raise self.surprised()

    def _skip(self, text: str) -> bool:
        if self.token.text != text or self.token.kind not in ("symbol", "word"):
            return False
        self.token = self._read(self.token.end)
        return True

    def _read(self, at: int) -> _Token:
        found = _TOKEN.match(self._text, at)
        if found is None or found.lastgroup is None:
            raise Unreadable(f"nothing readable at {at}")
        kind, text = found.lastgroup, found[found.lastgroup]
        if kind in ("name", "symbol"):
            text = _SYNONYMS.get(text, text)
            kind = "word" if text in _WORDS else "symbol" if not text[:1].isidentifier() else kind
        return _Token(kind, text, found.start(found.lastgroup), found.end())


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL)
