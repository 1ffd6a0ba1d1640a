"""Formulas in JUEL, as older Camunda models have them: what our expressions read, on the same variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engines.decisions.functions.conversions import shown
from engines.decisions.scope import Scope
from engines.decisions.tokens import Unreadable
from engines.decisions.values import Impossible, given, taken
from engines.expressions import evaluate
from engines.expressions.grammar import Unreadable as NotRead
from engines.expressions.moments import Moment


class Juel:
    """An expression with `${…}`, or bare."""

    __slots__ = ("_bare", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._bare = "${" not in text and "#{" not in text
        try:
            evaluate.template("${" + text + "}" if self._bare else text)
        except (NotRead, RecursionError) as error:
            raise Unreadable(str(error)) from error

    def within(self, scope: Scope) -> Any:
        """Its value, as FEEL has it."""
        read = evaluate.result if self._bare else evaluate.value
        try:
            found = read(self.text, _Variables(scope), scope.run.now)
        except evaluate.ExpressionFailed as error:
            raise Impossible(str(error)) from error
        return taken(scope.run, found.at if isinstance(found, Moment) else found)


class _Variables(Mapping[str, Any]):
    """The names of a scope as plain data."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        if not self._scope.has(name):
            raise KeyError(name)
        run = self._scope.run
        return given(run, self._scope.find(name), lambda value: shown(run, value))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
