"""What each form of an expression means: functions of the variables, put together by the grammar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from engines.expressions.operations import BINARY, Impossible, invoke, is_empty, member, negative, truth

Evaluate: TypeAlias = Callable[[Mapping[str, Any], datetime], Any]


def constant(value: Any) -> Evaluate:
    """A literal."""
    return lambda _scope, _now: value


def variable(name: str) -> Evaluate:
    """A variable, which must exist."""

    def found(scope: Mapping[str, Any], _now: datetime) -> Any:
        if name not in scope:
            raise Impossible(f"there is no variable {name!r}")
        return scope[name]

    return found


def either(left: Evaluate, right: Evaluate) -> Evaluate:
    """True when one side is."""
    return lambda scope, now: truth(left(scope, now)) or truth(right(scope, now))


def both(left: Evaluate, right: Evaluate) -> Evaluate:
    """True when both sides are."""
    return lambda scope, now: truth(left(scope, now)) and truth(right(scope, now))


def choice(test: Evaluate, yes: Evaluate, no: Evaluate) -> Evaluate:
    """One of two, by a test."""
    return lambda scope, now: yes(scope, now) if truth(test(scope, now)) else no(scope, now)


def binary(operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """An operator between two."""
    compute = BINARY[operator]
    return lambda scope, now: compute(left(scope, now), right(scope, now))


def signed(sign: str, inner: Evaluate, bare: str | None) -> Evaluate:
    """A sign before one; `bare` is its name when it is only that."""
    if sign == "-":
        return lambda scope, now: negative(inner(scope, now))
    if sign == "not":
        return lambda scope, now: not truth(inner(scope, now))
    # `empty x` is how people ask whether x exists at all
    return lambda scope, now: (bare is not None and bare not in scope) or is_empty(inner(scope, now))


def item(owner: Evaluate, index: Evaluate) -> Evaluate:
    """An item of a list or a mapping."""
    return lambda scope, now: member(owner(scope, now), index(scope, now))


def called(owner: Evaluate, name: str, arguments: list[Evaluate]) -> Evaluate:
    """A method of a moment."""
    return lambda scope, now: invoke(owner(scope, now), name, [argument(scope, now) for argument in arguments])
