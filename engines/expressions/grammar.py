"""The grammar of expressions: text to a function of the variables. Its own words, so Python's are simply unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from engines.expressions import meaning
from engines.expressions.meaning import Evaluate
from engines.expressions.tokens import Token, Unreadable, number, read_token, unquoted

__all__ = ["Call", "Parsed", "Reader", "Unreadable", "parse"]

MAX_DEPTH = 60
_LITERALS = {"true": True, "false": False, "null": None}
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("==", "!="),
    ("<", ">", "<=", ">=", "in", "not in"),
    ("+", "-"),
    ("*", "/", "%"),
)
_ASSIGNS = "`=` at character {0} assigns a value, which an expression cannot; comparing is `==`"

Words: TypeAlias = Callable[[int], Token]


class Call(NamedTuple):
    """A call: the name its owner starts from, what is called, where, whether it has an owner, how many values."""

    owner: str | None
    name: str
    at: int
    of: bool
    values: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression, where reading it ended, and what it calls."""

    evaluate: Evaluate
    end: int
    calls: tuple[Call, ...]


def parse(text: str, start: int, *, closed: bool) -> Parsed:
    """Read the expression that starts there, up to its `}` when closed."""
    reader = Reader(partial(read_token, text), start, meaning.Juel())
    expression = reader.ternary()
    token = reader.token
    if (closed and token.text == "}") or (not closed and token.kind == "end"):
        return Parsed(expression, token.next, tuple(reader.calls))
    if token.raw == "=":
        raise Unreadable(_ASSIGNS.format(token.begin + 1), token.begin)
    raise reader.surprised("an operator or `}`" if closed else "an operator or the end")


class Reader:
    """Recursive descent, one method per level of precedence."""

    levels = _LEVELS

    def __init__(self, words: Words, start: int, language: meaning.Juel) -> None:
        self._words = words
        self._depth = 0
        self.language = language
        self.calls: list[Call] = []
        self.token = words(start)

    def ternary(self) -> Evaluate:
        """A whole expression."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Unreadable(f"nested deeper than {MAX_DEPTH}", self.token.begin)
        first = self._either()
        if self.skip("?"):
            first = self.language.choice(first, self.ternary(), self._after(":", self.ternary))
        elif self.skip("if"):
            first = self.language.choice(self._either(), first, self._after("else", self.ternary))
        self._depth -= 1
        return first

    def take(self, kind: str, expected: str) -> Token:
        """The word at hand, which has to be of a kind."""
        token = self.token
        if token.kind != kind:
            raise self.surprised(expected)
        self.advance()
        return token

    def expect(self, text: str) -> None:
        """Pass over what has to be there."""
        if not self.skip(text):
            raise self.surprised(f"`{text}`")

    def skip(self, text: str) -> bool:
        """Pass over what may be there."""
        if self.token.text != text or self.token.kind not in ("symbol", "word"):
            return False
        self.advance()
        return True

    def advance(self) -> None:
        """Go on to the next word."""
        self.token = self._words(self.token.next)

    def surprised(self, expected: str) -> Unreadable:
        """What is said of the word at hand when something else is expected."""
        at = self.token.begin
        if self.token.kind == "end":
            return Unreadable(f"it ends at character {at + 1}, where {expected} is expected", at)
        return Unreadable(f"`{self.token.raw}` at character {at + 1}, where {expected} is expected", at)

    def _either(self) -> Evaluate:
        left = self._both()
        while self.skip("or"):
            left = self.language.either(left, self._both())
        return left

    def _both(self) -> Evaluate:
        left = self._binary(0)
        while self.skip("and"):
            left = self.language.both(left, self._binary(0))
        return left

    def _binary(self, level: int) -> Evaluate:
        if level == len(self.levels):
            return self._unary()
        left = self._binary(level + 1)
        while (operator := self._operator(level)) is not None:
            left = self.language.binary(operator, left, self._binary(level + 1))
        return left

    def _operator(self, level: int) -> str | None:
        if self.token.text == "not" and self.token.kind == "word" and "not in" in self.levels[level]:
            self.advance()
            self.expect("in")
            return "not in"
        if self.token.kind not in ("symbol", "word") or self.token.text not in self.levels[level]:
            return None
        operator = self.token.text
        self.advance()
        return operator

    def _unary(self) -> Evaluate:
        signs = []
        while self.token.kind in ("symbol", "word") and self.token.text in ("not", "empty", "-"):
            signs.append(self.token.text)
            self.advance()
            if len(signs) > MAX_DEPTH:
                raise Unreadable("too many signs", self.token.begin)
        found, bare = self._member()
        for sign in reversed(signs):
            found = self.language.signed(sign, found, bare)
        return found

    def _member(self) -> tuple[Evaluate, str | None]:
        root = self.token.text if self.token.kind == "name" else None
        found, bare = self.primary()
        for _ in range(MAX_DEPTH):
            if self.skip("."):
                found = self._dotted(found, bare, root)
            elif self.skip("["):
                found = self.language.item(found, self.ternary())
                self.expect("]")
            else:
                return found, bare
            bare = None
        raise Unreadable("too many members", self.token.begin)

    def _dotted(self, owner: Evaluate, bare: str | None, root: str | None) -> Evaluate:
        token = self.take("name" if self.token.kind != "word" else "word", "a name")
        if token.raw.startswith("__"):
            raise Unreadable(f"{token.raw!r} at character {token.begin + 1} is not a name", token.begin)
        if self.skip("("):
            arguments = self.listed(")", self.ternary)
            self.calls.append(Call(root, token.raw, token.begin, of=True, values=len(arguments)))
            return self.language.method(owner, token.raw, arguments, bare)
        return self.language.member(owner, token.raw)

    def primary(self) -> tuple[Evaluate, str | None]:
        """A value without operators, and its name when it is only that."""
        token = self.token
        self.advance()
        if token.kind == "number":
            return meaning.constant(number(token)), None
        if token.kind == "text":
            return meaning.constant(unquoted(token.text)), None
        if token.kind == "word" and token.text in _LITERALS:
            return meaning.constant(_LITERALS[token.text]), None
        if token.kind == "name":
            return self._named(token)
        return self.bracketed(token), None

    def _named(self, token: Token) -> tuple[Evaluate, str | None]:
        if not self.skip("("):
            return meaning.variable(token.text), token.text
        arguments = self.listed(")", self.ternary)
        self.calls.append(Call(None, token.text, token.begin, of=False, values=len(arguments)))
        return self.language.function(token.text, arguments), None

    def bracketed(self, token: Token) -> Evaluate:
        """What stands in brackets: an expression, a list, a mapping."""
        if token.text == "(" and token.kind == "symbol":
            inner = self.ternary()
            self.expect(")")
            return inner
        if token.text == "[" and token.kind == "symbol":
            return self.language.listed(self.listed("]", self.ternary))
        if token.text == "{" and token.kind == "symbol":
            return self.language.mapped(self.listed("}", self._pair))
        self.token = token
        raise self.surprised("a value")

    def _pair(self) -> tuple[Evaluate, Evaluate]:
        name = unquoted(self.take("text", "a name in quotes").text)
        return meaning.constant(name), self._after(":", self.ternary)

    def listed(self, end: str, read: Callable[[], Any]) -> list[Any]:
        """Things between commas, up to a bracket."""
        items: list[Any] = []
        while not self.skip(end):
            if items:
                self.expect(",")
            items.append(read())
        return items

    def _after(self, text: str, read: Callable[[], Evaluate]) -> Evaluate:
        self.expect(text)
        return read()
