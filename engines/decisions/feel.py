"""FEEL, the expression language of DMN: parsed by our own grammar, so there is nothing to break out of.

`parse("Applicant age >= 18").evaluate({"Applicant age": 20}, now)` is `True`; `parse_tests("< 18, [60..70)")` reads
what stands in the cell of a decision table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from engines.decisions.functions.conversions import shown
from engines.decisions.grammar import Reader
from engines.decisions.scope import Node, Scope
from engines.decisions.tokens import Unreadable, odd
from engines.decisions.values import Impossible, Run, given

__all__ = ["Expression", "Impossible", "Tests", "Unreadable", "parse", "parse_tests"]
_CACHED = 4_096
Found = TypeVar("Found")


class Expression:
    """An expression that has been read."""

    __slots__ = ("_node", "text")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self._node = node

    def evaluate(self, scope: Mapping[str, Any], now: datetime) -> Any:
        """Its value as plain data; raises `Impossible`."""
        run = Run(now)
        return bounded(lambda: given(run, self._node(Scope(run, {}, plain=scope)), lambda value: shown(run, value)))

    def within(self, scope: Scope) -> Any:
        """Its value, as FEEL has it, inside a decision."""
        return bounded(lambda: self._node(scope))


class Tests:
    """Unary tests that have been read."""

    __slots__ = ("_node", "text")

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self._node = node

    def matches(self, value: Any, scope: Mapping[str, Any], now: datetime) -> bool:
        """Whether a value passes; raises `Impossible`."""
        run = Run(now)
        outer = Scope(run, {}, plain=scope)
        return bounded(lambda: self._node(Scope(run, {}, outer, {"?": value})) is True)

    def within(self, value: Any, scope: Scope) -> bool:
        """Whether a value, as FEEL has it, passes inside a decision."""
        return bounded(lambda: self._node(scope.inner({"?": value})) is True)


def parse(text: str, names: Collection[str] = ()) -> Expression:
    """Read an expression; the names tell what is one of them and what is `a - b`; raises `Unreadable`."""
    return _expression(text, frozenset(filter(odd, names)))


def parse_tests(text: str, names: Collection[str] = ()) -> Tests:
    """Read what stands in an input entry: `-`, `< 5, [7..9)`, `not("a")`, `? > limit`; raises `Unreadable`."""
    return _tests(text, frozenset(filter(odd, names)))


def bounded(evaluate: Callable[[], Found]) -> Found:
    """Too deep and too large are what an expression may be, and Python must not show."""
    try:
        return evaluate()
    except RecursionError as error:
        raise Impossible("is nested too deep") from error
    except (ArithmeticError, ValueError) as error:
        raise Impossible(str(error)) from error


@lru_cache(_CACHED)
def _expression(text: str, names: frozenset[str]) -> Expression:
    return Expression(text, _read(text, names, Reader.expression))


@lru_cache(_CACHED)
def _tests(text: str, names: frozenset[str]) -> Tests:
    return Tests(text, _read(text, names, Reader.all_tests))


def _read(text: str, names: frozenset[str], how: Callable[[Reader], Node]) -> Node:
    try:
        reader = Reader(text, names)
        node = how(reader)
        reader.finish()
    except RecursionError as error:
        raise Unreadable("nested too deep") from error
    return node
