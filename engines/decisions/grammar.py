"""The grammar of FEEL: text to a function of the variables, by recursive descent.

By hand: what is a name depends on the names the model knows, and `]1..5[`, `(1..5)` and `(1, 2)` need a look ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engines.decisions import iteration, meaning
from engines.decisions.calls import called, defined
from engines.decisions.cursor import Cursor
from engines.decisions.scope import Node
from engines.decisions.times import read_any
from engines.decisions.tokens import Token, Unreadable, unquoted
from engines.decisions.types import ANY, Type
from engines.decisions.values import NUMBERS

_LEVELS = {
    "or": 1,
    "and": 2,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 6,
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">=", "in", "between"), 3),
}
_SUM = 4
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_LITERALS = {"true": True, "false": False, "null": None}
_OPENS = ("(", "-", "[", "{")


class Reader(Cursor):
    """Reads one text; the methods go from what binds least to what binds most."""

    def __init__(self, source: str, names: Iterable[str]) -> None:
        super().__init__(source, names)
        self._ends_range = False
        self._asks = False
        self._constants: dict[str, Callable[[Token], Node]] = {
            "number": self._number,
            "text": self._text,
            "moment": self._moment,
        }
        self._forms: dict[str, Callable[[Token], Node]] = {
            **dict.fromkeys(_LITERALS, self._literal),
            **dict.fromkeys(("some", "every"), self._quantified),
            "(": self._parenthesis,
            "[": self._list,
            "]": self._open_range,
            "{": self._context,
            "if": self._if,
            "for": self._for,
            "function": self._function,
        }

    def expression(self) -> Node:
        """An expression of any kind."""
        self.deeper()
        ends, self._ends_range = self._ends_range, False
        found = self._binary(1)
        self._ends_range = ends
        self.depth -= 1
        return found

    def tests(self, *, closed: bool = False) -> Node:
        """Unary tests, one of which must hold for `?`."""
        found = [self._test()]
        while self.skip(","):
            found.append(self._test())
        self.finish(")" if closed else None)
        return meaning.any_of(found)

    def all_tests(self) -> Node:
        """What stands in an input entry: `-`, tests, or `not(…)` around them."""
        if self.token.text == "-" and self.following.kind == "end":
            self.take()
            return meaning.constant(value=True)
        if self.token.text != "not" or self.following.text != "(":
            return self.tests()
        start, self.at = self.at, self.at + 2
        try:
            found = self.tests(closed=True)
            self.finish()
        except Unreadable:
            self.at = start
            return self.tests()
        return meaning.inverted(found)

    def finish(self, text: str | None = None) -> None:
        """Nothing more, or this and nothing else, may follow."""
        if text is not None:
            self.expect(text)
        elif self.token.kind != "end":
            raise self.surprised("an operator or the end")

    def _binary(self, least: int) -> Node:
        left = self._signed()
        while self.token.kind in ("symbol", "keyword"):
            level = _LEVELS.get(self.token.text, 0)
            if level < least:
                break
            left = self._combined(self.take().text, level, left)
        return left

    def _combined(self, operator: str, level: int, left: Node) -> Node:
        if operator == "between":
            low = self._binary(_SUM)
            self.expect("and")
            return meaning.between(left, low, self._binary(_SUM))
        if operator == "in":
            return meaning.tested(left, self._container())
        right = self._binary(level + 1)
        return (
            meaning.LOGIC[operator](left, right) if operator in meaning.LOGIC else meaning.binary(operator, left, right)
        )

    def _container(self) -> Node:
        """What stands after `in`: a range, tests in brackets, one test, or a list."""
        if self.token.text != "(" or self.token.kind != "symbol":
            return self._test(_SUM)
        self.take()
        if self._compares():
            found = [self._test()]
        else:
            first, asks = self._asking(self.expression)
            if self.skip(".."):
                return meaning.fits(self._range(first, included=False))
            found = [meaning.fits(first, asks=asks)]
        while self.skip(","):
            found.append(self._test())
        self.expect(")")
        return meaning.any_of(found)

    def _test(self, least: int = 1) -> Node:
        if self._compares():
            return meaning.binary(self.take().text, meaning.question, self._binary(_SUM))
        found, asks = self._asking(self.expression if least == 1 else lambda: self._binary(least))
        return meaning.fits(found, asks=asks)

    def _compares(self) -> bool:
        return self.token.kind == "symbol" and self.token.text in _COMPARISONS

    def _asking(self, read: Callable[[], Node]) -> tuple[Node, bool]:
        """What is read, and whether it speaks of `?` itself."""
        asked, self._asks = self._asks, False
        found = read()
        asks, self._asks = self._asks, self._asks or asked
        return found, asks

    def _signed(self) -> Node:
        signs = 0
        while self.skip("-"):
            signs += 1
        found = self._member()
        return meaning.negated(found) if signs % 2 else meaning.numeric(found) if signs else found

    def _member(self) -> Node:
        found, name = self._primary()
        while True:
            start = self.at
            if self.skip("."):
                found = meaning.path(found, self.name())
            elif self.token.text == "[" and self.token.kind == "symbol" and not self._closes_range():
                self.take()
                condition = self.expression()
                self.expect("]")
                found = iteration.filtered(found, condition, self.at - start)
            elif self.skip("("):
                found = called(found, name, *self._arguments())
            elif self.skip("instance of"):
                found = meaning.instance(found, self.type())
            else:
                return found
            name = None

    def _closes_range(self) -> bool:
        following = self.following
        opens = following.kind not in ("symbol", "keyword", "end") or following.text in _OPENS
        return self._ends_range and not opens

    def _primary(self) -> tuple[Node, str | None]:
        token = self.token
        if token.kind in ("word", "known"):
            name = self.name()
            self._asks = self._asks or name == "?"
            return meaning.variable(name), name
        read = self._forms.get(token.text) if token.kind in ("symbol", "keyword") else self._constants.get(token.kind)
        if read is None:
            raise self.surprised("a value")
        self.take()
        return read(token), None

    def _number(self, token: Token) -> Node:
        try:
            return meaning.constant(NUMBERS.create_decimal(token.text))
        except ArithmeticError:
            raise Unreadable(f"{token.text[:40]!r} at {token.begin} is too large a number") from None

    def _text(self, token: Token) -> Node:
        return meaning.constant(unquoted(token.text))

    def _moment(self, token: Token) -> Node:
        found = read_any(unquoted(token.text))
        if found is None:
            raise Unreadable(f"{token.text[:40]} at {token.begin} is no date, time or duration")
        return meaning.constant(found)

    def _literal(self, token: Token) -> Node:
        return meaning.constant(_LITERALS[token.text])

    def _parenthesis(self, _token: Token) -> Node:
        if self._compares():
            operator = self.take().text
            end = self._binary(_SUM)
            self.expect(")")
            return meaning.half_range(operator, end)
        found = self.expression()
        if self.skip(".."):
            return self._range(found, included=False)
        self.expect(")")
        return found

    def _open_range(self, _token: Token) -> Node:
        low = self._binary(_SUM)
        self.expect("..")
        return self._range(low, included=False)

    def _list(self, _token: Token) -> Node:
        items: list[Node] = []
        while not self.skip("]"):
            if items:
                self.expect(",")
            items.append(self.expression())
            if len(items) == 1 and self.skip(".."):
                return self._range(items[0], included=True)
        return meaning.items(items)

    def _range(self, found_low: Node, *, included: bool) -> Node:
        self._ends_range = True
        high = self._binary(_SUM)
        self._ends_range = False
        token = self.take()
        if token.kind != "symbol" or token.text not in ("]", ")", "["):
            self.at -= 1
            raise self.surprised("']', ')' or '['")
        return meaning.span(found_low, high, low_included=included, high_included=token.text == "]")

    def _context(self, _token: Token) -> Node:
        return meaning.context(self.list_of("}", self._entry))

    def _entry(self) -> tuple[str, Node]:
        if self.token.kind == "text":
            name = unquoted(self.take().text)
        else:
            first = self.token
            while self.token.text != ":" and self.token.kind != "end":
                self.at += 1
            name = " ".join(self.source[first.begin : self.tokens[self.at - 1].end].split())
        self.expect(":")
        return name, self.expression()

    def _if(self, _token: Token) -> Node:
        condition = self.expression()
        self.expect("then")
        yes = self.expression()
        self.expect("else")
        return meaning.choice(condition, yes, self.expression())

    def _for(self, _token: Token) -> Node:
        start = self.at
        iterators = self._iterators("return")
        return iteration.loop(iterators, self.expression(), self.at - start)

    def _quantified(self, token: Token) -> Node:
        start = self.at
        iterators = self._iterators("satisfies")
        return iteration.quantified(token.text, iterators, self.expression(), self.at - start)

    def _iterators(self, end: str) -> list[iteration.Iterator]:
        found: list[iteration.Iterator] = []
        while not found or not self.skip(end):
            if found:
                self.expect(",")
            name = self.name()
            self.expect("in")
            domain = self.expression()
            found.append((name, domain, self.expression() if self.skip("..") else None))
        return found

    def _function(self, _token: Token) -> Node:
        start = self.at
        self.expect("(")
        parameters = self.list_of(")", self._parameter)
        if self.token.text == "external":
            raise self.surprised("FEEL; other languages are not run")
        body = self.expression()
        return defined(parameters, body, self.at - start)

    def _parameter(self) -> tuple[str, Type]:
        return self.name(), self.type() if self.skip(":") else ANY

    def _arguments(self) -> tuple[list[Node], dict[str, Node]]:
        names = self.at
        while self.tokens[names].kind in ("word", "known"):
            names += 1
        if names > self.at and self.tokens[names].text == ":":
            return [], dict(self.list_of(")", self._entry))
        return self.list_of(")", self.expression), {}
