"""What operators, members and calls mean in the languages of scripts, where that differs from expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engines.expressions.data import Impossible, kind, shown, weigh
from engines.expressions.exposed import Exposed
from engines.expressions.functions import FUNCTIONS, Function, number
from engines.expressions.meaning import Evaluate, Juel, Scope
from engines.expressions.methods import apply, invoke
from engines.expressions.operations import BINARY, MAX_NUMBER, arithmetic, contains, divide, equal, join, remainder
from engines.expressions.patterns import is_literal
from engines.expressions.scripting.frame import PER_STEP, Frame
from engines.expressions.scripting.methods import (
    CHEAP,
    EXTRA,
    JAVASCRIPT,
    MAX_ITEMS,
    PYTHON,
    REGULAR,
    SCRIPT_STATICS,
    smallest,
)

_PATTERN_STEPS, _OBJECT_STEPS, _LIST_STEPS = 500, 10, 2
_Operation = Callable[[Any, Any], Any]


def truthy(value: Any) -> bool:
    """What scripts take for true: all but null, false, nought and what is empty."""
    return value is not None and value is not False and value not in (0, "") and value not in ([], {})


def javascript_truthy(value: Any) -> bool:
    """The same in JavaScript, where empty lists and objects are true."""
    return isinstance(value, list | Mapping) or truthy(value)


def same(left: Any, right: Any) -> bool:
    """Equality without coercion; truth values are no numbers."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _loose(left: Any, right: Any) -> bool:
    if isinstance(left, list | Mapping) or isinstance(right, list | Mapping):
        return same(left, right)
    try:
        return equal(left, right)
    except Impossible:
        return False


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, list) and isinstance(right, list):
        if len(left) + len(right) > MAX_ITEMS:
            raise Impossible("the list is too long")
        return left + right
    if isinstance(left, str) or isinstance(right, str):
        return join("null" if left is None else left, "null" if right is None else right)
    return _sum(left, right)


_sum = arithmetic(lambda left, right: left + right, number)


def _tidy(left: Any, right: Any) -> Any:
    found = divide(left, right)
    return int(found) if abs(found) < MAX_NUMBER and found == int(found) else found


def _appended(left: Any, right: Any) -> Any:
    if not isinstance(left, list):
        raise Impossible(f"`<<` adds to a list, not to {kind(left)}")
    left.append(right)
    return left


_OPERATIONS: Mapping[str, _Operation] = {
    **BINARY,
    "==": same,
    "!=": lambda left, right: not same(left, right),
    "+": _plus,
    "-": arithmetic(lambda left, right: left - right, number),
    "*": arithmetic(lambda left, right: left * right, number),
    "/": arithmetic(_tidy, number),
    "%": arithmetic(remainder, number),
    "in": contains,
}
_JAVASCRIPT: Mapping[str, _Operation] = {
    **_OPERATIONS,
    "==": _loose,
    "!=": lambda left, right: not _loose(left, right),
    "===": same,
    "!==": lambda left, right: not same(left, right),
}
_PYTHON: Mapping[str, _Operation] = {
    **_OPERATIONS,
    "is": same,
    "is not": lambda left, right: not same(left, right),
    "/": arithmetic(divide, number),
    "//": arithmetic(lambda left, right: int(divide(left, right) // 1), number),
    "%": arithmetic(lambda left, right: left - right * (divide(left, right) // 1), number),
}


@dataclass(frozen=True)
class Language(Juel):
    """A language: its operators, what it takes for true, its functions, and whether assigned names are variables."""

    name: str
    operations: Mapping[str, _Operation]
    functions: Mapping[str, Function]
    true: Callable[[Any], bool] = truthy
    valued: bool = True
    indented: bool = False
    stores: bool = False

    def either(self, left: Evaluate, right: Evaluate) -> Evaluate:
        """The first that is true, or the last."""

        def found(scope: Scope, now: datetime) -> Any:
            first = left(scope, now)
            chosen = first if self.true(first) else right(scope, now)
            return chosen if self.valued else self.true(chosen)

        return found

    def both(self, left: Evaluate, right: Evaluate) -> Evaluate:
        """The first that is not true, or the last."""

        def found(scope: Scope, now: datetime) -> Any:
            first = left(scope, now)
            chosen = right(scope, now) if self.true(first) else first
            return chosen if self.valued else self.true(chosen)

        return found

    def choice(self, test: Evaluate, yes: Evaluate, no: Evaluate) -> Evaluate:
        """One of two, by a test."""
        return lambda scope, now: yes(scope, now) if self.true(test(scope, now)) else no(scope, now)

    def binary(self, operator: str, left: Evaluate, right: Evaluate) -> Evaluate:
        """An operator between two."""
        if operator == "<<":
            return lambda scope, now: _appended(left(scope, now), right(scope, now))
        compute = self.operations[operator]

        def computed(scope: Scope, now: datetime) -> Any:
            one, other = left(scope, now), right(scope, now)
            _spend(scope, one, other)
            return compute(one, other)

        return computed

    def signed(self, sign: str, inner: Evaluate, bare: str | None) -> Evaluate:  # noqa: ARG002 - only `empty` asks
        """A sign before one."""
        if sign == "not":
            return lambda scope, now: not self.true(inner(scope, now))
        minus = self.operations["-"]
        return lambda scope, now: minus(0, inner(scope, now))

    def member(self, owner: Evaluate, name: str) -> Evaluate:
        """A named member; texts and lists have a length."""
        known = super().member

        def found(scope: Scope, now: datetime) -> Any:
            value = owner(scope, now)
            if name == "length" and isinstance(value, str | list):
                return len(value)
            if value is None:
                raise Impossible(f"null has no member {name!r}")
            return known(lambda _scope, _now: value, name)(scope, now)

        return found

    def method(self, owner: Evaluate, name: str, arguments: Sequence[Evaluate], bare: str | None) -> Evaluate:
        """A method, which may change what it belongs to."""
        static = SCRIPT_STATICS.get((bare or "", name))

        def called(scope: Scope, now: datetime) -> Any:
            if static is not None and bare not in scope:
                given = [argument(scope, now) for argument in arguments]
                _spend(scope, *given)
                return static(scope, now, given)
            value = owner(scope, now)
            return _invoke(scope, value, name, [argument(scope, now) for argument in arguments], now)

        return called

    def function(self, name: str, arguments: Sequence[Evaluate]) -> Evaluate:
        """A function of this language or of expressions."""

        def called(scope: Scope, now: datetime) -> Any:
            found = self.functions.get(name) or FUNCTIONS.get(name)
            if found is None:
                raise Impossible(f"there is no function {name!r}")
            given = [argument(scope, now) for argument in arguments]
            _spend(scope, *given)
            return found(scope, now, given)

        return called

    def weighed(self, scope: Scope, made: Any) -> Any:
        """The same, and its weight counts: what is in it is looked at each time."""
        size = weigh(made)
        if isinstance(scope, Frame):
            scope.spend(_LIST_STEPS + size // PER_STEP)
        return made

    def templated(self, parts: Sequence[str | Evaluate]) -> Evaluate:
        """A text with values in it."""

        def joined(scope: Scope, now: datetime) -> str:
            found = ""
            if isinstance(scope, Frame):
                scope.spend(len(parts))
            for part in parts:
                found = join(found, part if isinstance(part, str) else _shown(scope, part(scope, now)))
            return found

        return joined


def _shown(scope: Scope, value: Any) -> str:
    if isinstance(scope, Frame) and not isinstance(value, str | int | float | None):
        scope.spend(_OBJECT_STEPS)
        _spend(scope, value)
    return shown(value)


def _invoke(scope: Scope, value: Any, name: str, arguments: Sequence[Any], now: datetime) -> Any:
    if isinstance(value, Exposed):
        if isinstance(scope, Frame):
            scope.spend(_OBJECT_STEPS)
        _spend(scope, *(argument for argument in arguments if not isinstance(argument, Exposed)))
        found = value.call(name, arguments)
        return scope.copied(found) if isinstance(scope, Frame) else found
    if name not in CHEAP:
        _spend(scope, value, *arguments)
    if name in REGULAR and isinstance(scope, Frame) and not is_literal(shown(arguments[0] if arguments else "")):
        scope.spend(_PATTERN_STEPS)
    extra = EXTRA.get(type(value), {})
    return apply(name, extra[name], value, arguments) if name in extra else invoke(value, name, arguments, now)


def _spend(scope: Scope, *values: Any) -> None:
    if isinstance(scope, Frame):
        for value in values:
            scope.spend_on(value)


_CHOICES: Mapping[str, Function] = {"max": smallest(max), "min": smallest(min)}
_PLAIN = Language("", _PYTHON, {**PYTHON, **_CHOICES}, indented=True, stores=True)
LANGUAGES: Mapping[str, Language] = {
    "": _PLAIN,
    "python": Language("python", _PYTHON, {**PYTHON, **_CHOICES}, indented=True, stores=True),
    "javascript": Language("javascript", _JAVASCRIPT, JAVASCRIPT, true=javascript_truthy),
    "groovy": Language("groovy", _OPERATIONS, {}, valued=False),
}
NAMES: Mapping[str, str] = {
    **dict.fromkeys(("", "juel"), ""),
    **dict.fromkeys(("python", "jython", "py"), "python"),
    **dict.fromkeys(("javascript", "js", "ecmascript", "graal.js", "nashorn"), "javascript"),
    "groovy": "groovy",
}
