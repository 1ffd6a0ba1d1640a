"""What each form of an expression means: functions of the variables, put together by the grammar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from engines.expressions.data import Impossible, kind, plain, to_number, weigh
from engines.expressions.exposed import Exposed
from engines.expressions.functions import STATICS, call
from engines.expressions.methods import has_property, invoke
from engines.expressions.moments import Moment
from engines.expressions.operations import BINARY, is_empty, negative, truth
from engines.expressions.spin import Node

Scope: TypeAlias = Mapping[str, Any]
Evaluate: TypeAlias = Callable[[Scope, datetime], Any]


def constant(value: Any) -> Evaluate:
    """A literal."""
    return lambda _scope, _now: value


def variable(name: str) -> Evaluate:
    """A variable, which must exist."""

    def found(scope: Scope, _now: datetime) -> Any:
        if name not in scope:
            raise Impossible(f"there is no variable {name!r}")
        return scope[name]

    return found


class Juel:
    """The meaning of JUEL; other languages change what differs."""

    def either(self, left: Evaluate, right: Evaluate) -> Evaluate:
        """True when one side is."""
        return lambda scope, now: truth(left(scope, now)) or truth(right(scope, now))

    def both(self, left: Evaluate, right: Evaluate) -> Evaluate:
        """True when both sides are."""
        return lambda scope, now: truth(left(scope, now)) and truth(right(scope, now))

    def choice(self, test: Evaluate, yes: Evaluate, no: Evaluate) -> Evaluate:
        """One of two, by a test."""
        return lambda scope, now: yes(scope, now) if truth(test(scope, now)) else no(scope, now)

    def binary(self, operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
        """An operator between two."""
        compute = BINARY[operator]
        return lambda scope, now: compute(left(scope, now), right(scope, now))

    def signed(self, sign: str, inner: Evaluate, bare: str | None) -> Evaluate:
        """A sign before one; `bare` is its name when it is only that."""
        if sign == "-":
            return lambda scope, now: negative(inner(scope, now))
        if sign == "not":
            return lambda scope, now: not truth(inner(scope, now))
        # `empty x` is how people ask whether x exists at all
        return lambda scope, now: (bare is not None and bare not in scope) or is_empty(inner(scope, now))

    def member(self, owner: Evaluate, name: str) -> Evaluate:
        """A named member."""
        return lambda scope, now: _member(owner(scope, now), name, now)

    def item(self, owner: Evaluate, index: Evaluate) -> Evaluate:
        """An item of a list or a mapping."""
        return lambda scope, now: _member(owner(scope, now), index(scope, now), now)

    def method(self, owner: Evaluate, name: str, arguments: Sequence[Evaluate], bare: str | None) -> Evaluate:
        """A method of a value; of a bare name that is no variable, a static function."""
        static = STATICS.get((bare or "", name))
        if static is not None:
            return lambda scope, now: (
                static(scope, now, [argument(scope, now) for argument in arguments])
                if bare not in scope
                else invoke(owner(scope, now), name, [argument(scope, now) for argument in arguments], now)
            )
        return lambda scope, now: invoke(owner(scope, now), name, [argument(scope, now) for argument in arguments], now)

    def function(self, name: str, arguments: Sequence[Evaluate]) -> Evaluate:
        """A function."""
        return lambda scope, now: call(name, scope, now, [argument(scope, now) for argument in arguments])

    def listed(self, items: Sequence[Evaluate]) -> Evaluate:
        """A list of plain data."""
        return lambda scope, now: self.weighed(scope, [_inner(item(scope, now)) for item in items])

    def mapped(self, pairs: Sequence[tuple[Evaluate, Evaluate]]) -> Evaluate:
        """A mapping of plain data."""
        return lambda scope, now: self.weighed(
            scope, {key(scope, now): _inner(item(scope, now)) for key, item in pairs}
        )

    def weighed(self, scope: Scope, made: Any) -> Any:  # noqa: ARG002 - scripts pay for it
        """What was made of several values, where it is not too large."""
        weigh(made)
        return made


def _member(value: Any, name: Any, now: datetime) -> Any:
    if value is None:
        return None
    if isinstance(value, Mapping):
        return value.get(name) if isinstance(name, str) else None
    if isinstance(value, list | tuple):
        return _place(value, name)
    if isinstance(name, str):
        if isinstance(value, Exposed):
            return value.member(name)
        known, found = has_property(value, name, now)
        if known:
            return found
    raise Impossible(f"{kind(value)} has no member {name!r}")


def _place(items: Sequence[Any], name: Any) -> Any:
    at = to_number(name)
    if at is None or at != int(at):
        raise Impossible(f"a list has no member {name!r}")
    if not -len(items) <= at < len(items):
        raise Impossible(f"there is no item {name}, the list has {len(items)}")
    return items[int(at)]


def _inner(value: Any) -> Any:
    return plain(value) if isinstance(value, Moment | Node | Exposed) else value
