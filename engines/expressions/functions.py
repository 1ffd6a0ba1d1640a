"""The functions an expression can call without an owner, and Java's static ones that only compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from math import ceil, floor
from typing import Any, TypeAlias

from engines.expressions.data import Impossible, shown, to_number
from engines.expressions.methods import Method, anything, apply, integer, simple
from engines.expressions.moments import Moment
from engines.expressions.spin import node

Function: TypeAlias = Callable[[Mapping[str, Any], datetime, Sequence[Any]], Any]
# No variable can have these names: whoever makes a scope says by them who acts.
USER, GROUPS = "currentUser()", "currentUserGroups()"


def number(value: Any) -> int | float:
    """An argument that has to be a number."""
    found = to_number(value)
    if found is None:
        raise Impossible(f"{shown(value)[:60]!r} is not a number")
    return found


def plainly(method: Method, name: str) -> Function:
    """A function of its arguments alone, from a method that takes the first as its owner."""

    def call(_scope: Mapping[str, Any], _now: datetime, arguments: Sequence[Any]) -> Any:
        return apply(name, method, None, arguments)

    return call


def static(name: str, compute: Callable[..., Any], *takes: Callable[[Any], Any], optional: int = 0) -> Function:
    """A function that only computes."""
    return plainly(simple(lambda _none, *arguments: compute(*arguments), *takes, optional=optional), name)


def _fact(name: str, read: Callable[[Mapping[str, Any], datetime], Any]) -> Function:
    def call(scope: Mapping[str, Any], now: datetime, arguments: Sequence[Any]) -> Any:
        if arguments:
            raise Impossible(f"the function {name!r} takes no values")
        return read(scope, now)

    return call


def _half_up(value: float) -> int:
    return floor(value + 0.5)


FUNCTIONS: Mapping[str, Function] = {
    "dateTime": _fact("dateTime", lambda _scope, now: Moment(now)),
    "now": _fact("now", lambda _scope, now: Moment(now)),
    "currentUser": _fact("currentUser", lambda scope, _now: scope.get(USER)),
    "currentUserGroups": _fact("currentUserGroups", lambda scope, _now: scope.get(GROUPS) or []),
    "S": static("S", node, anything),
    "JSON": static("JSON", node, anything),
}
_TO_TEXT = static("valueOf", lambda value: "null" if value is None else shown(value), anything)
_TO_WHOLE = static("parseInt", integer, anything)
_TO_BROKEN = static("parseDouble", lambda value: float(number(value)), anything)
_TO_TRUTH = static("parseBoolean", lambda value: shown(value).lower() == "true", anything)
STATICS: Mapping[tuple[str, str], Function] = {
    ("String", "valueOf"): _TO_TEXT,
    **{(owner, name): _TO_WHOLE for owner in ("Integer", "Long") for name in ("parseInt", "parseLong", "valueOf")},
    **{(owner, name): _TO_BROKEN for owner in ("Double", "Float") for name in ("parseDouble", "parseFloat", "valueOf")},
    **{("Boolean", name): _TO_TRUTH for name in ("parseBoolean", "valueOf")},
    ("Math", "max"): static("max", max, number, number),
    ("Math", "min"): static("min", min, number, number),
    ("Math", "abs"): static("abs", abs, number),
    ("Math", "round"): static("round", _half_up, number),
    ("Math", "floor"): static("floor", floor, number),
    ("Math", "ceil"): static("ceil", ceil, number),
}


def call(name: str, scope: Mapping[str, Any], now: datetime, arguments: Sequence[Any]) -> Any:
    """Call a function by its name."""
    if name not in FUNCTIONS:
        raise Impossible(f"there is no function {name!r}")
    return FUNCTIONS[name](scope, now, arguments)
