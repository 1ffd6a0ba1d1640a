"""What the operators of an expression do, as JUEL has it: total over plain data, bounded, values coerced to each other.

Beyond JUEL, `+` joins texts where they are no numbers, and a moment compares with the ISO text of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import fmod, isfinite
from typing import Any, TypeAlias

from engines.expressions.data import MAX_LENGTH, Impossible, is_number, kind, shown, to_number
from engines.expressions.moments import Moment, to_moment

MAX_NUMBER = 2**63
# Values of these kinds compare among themselves as they are.
_ALIKE = frozenset({str, int, float, bool})
_Operation: TypeAlias = Callable[[Any, Any], Any]


def truth(value: Any) -> bool:
    """A value as a condition: null and the empty text are false, a text is true when it says `true`."""
    if value is True or value is False:
        return bool(value)
    if value is None:
        return False
    if isinstance(value, str):
        return value.lower() == "true"
    raise Impossible(f"{kind(value)} is neither true nor false")


def is_empty(value: Any) -> bool:
    """Null, the empty text and empty collections."""
    return value is None or (isinstance(value, str | Sequence | Mapping) and len(value) == 0)


def contains(item: Any, container: Any) -> bool:
    """Whether a list, a mapping's names or a text has the item; nothing is in null."""
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple):
        return item in container
    if isinstance(container, Mapping):
        return isinstance(item, str) and item in container
    if container is None:
        return False
    raise Impossible(f"`in` needs a list, not {kind(container)}")


def equal(left: Any, right: Any) -> bool:
    """Equality: what is compared with a number is read as one, with a truth value as one, with a text as text."""
    if left is None or right is None:
        return left is right
    alike = left.__class__ is right.__class__ and left.__class__ in _ALIKE
    return bool(left == right) if alike else _coerced_equal(left, right)


def _coerced_equal(left: Any, right: Any) -> bool:
    if is_number(left) or is_number(right):
        return bool(_coerced_number(left) == _coerced_number(right))
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, Moment) or isinstance(right, Moment):
        return to_moment(left) == to_moment(right)
    if isinstance(left, str) or isinstance(right, str):
        return shown(left) == shown(right)
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool], same: bool) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        if left.__class__ is right.__class__ and left.__class__ in _ALIKE:
            return compare(left, right)
        if left is None or right is None:
            return same and left is right
        if is_number(left) or is_number(right):
            return compare(_coerced_number(left), _coerced_number(right))
        if isinstance(left, Moment) or isinstance(right, Moment):
            return compare(to_moment(left).at, to_moment(right).at)
        if isinstance(left, str) or isinstance(right, str):
            return compare(shown(left), shown(right))
        raise Impossible(f"cannot compare {kind(left)} with {kind(right)}")

    return holds


def _coerced_number(value: Any) -> int | float:
    if is_number(value):
        return value  # type: ignore[no-any-return]
    found = 0 if value is None or value == "" else to_number(value)
    if found is None:
        raise Impossible(f"{_named(value)} is not a number")
    return found


def arithmetic(compute: _Operation, number: Callable[[Any], Any] = _coerced_number) -> _Operation:
    """An operation on two numbers whose outcome stays within 64 bits."""

    def calculated(left: Any, right: Any) -> Any:
        found = compute(number(left), number(right))
        if isinstance(found, float) and not isfinite(found):
            raise Impossible("the number is too large")
        if not -MAX_NUMBER < found < MAX_NUMBER:
            raise Impossible("the number is too large")
        return found

    return calculated


def divide(left: Any, right: Any) -> Any:
    """The quotient, always with its fraction."""
    if right == 0:
        raise Impossible("division by zero")
    return left / right


def remainder(left: Any, right: Any) -> Any:
    """What division leaves, with the sign of the dividend."""
    if right == 0:
        raise Impossible("division by zero")
    if isinstance(left, float) or isinstance(right, float):
        return fmod(left, right)
    return abs(left) % abs(right) * (-1 if left < 0 else 1)


def join(left: Any, right: Any) -> str:
    """Two values as one text."""
    if isinstance(left, list | Mapping) or isinstance(right, list | Mapping):
        raise Impossible(f"cannot join {kind(left)} and {kind(right)} into a text")
    one, other = shown(left), shown(right)
    if len(one) + len(other) > MAX_LENGTH:
        raise Impossible("the text is too long")
    return one + other


_sum = arithmetic(lambda left, right: left + right)


def _plus(left: Any, right: Any) -> Any:
    for side in (left, right):
        if isinstance(side, str) and side and to_number(side) is None:
            return join(left, right)
    return _sum(left, right)


BINARY: Mapping[str, _Operation] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(lambda left, right: left < right, same=False),
    ">": _ordered(lambda left, right: left > right, same=False),
    "<=": _ordered(lambda left, right: left <= right, same=True),
    ">=": _ordered(lambda left, right: left >= right, same=True),
    "in": contains,
    "not in": lambda left, right: not contains(left, right),
    "+": _plus,
    "-": arithmetic(lambda left, right: left - right),
    "*": arithmetic(lambda left, right: left * right),
    "/": arithmetic(divide),
    "%": arithmetic(remainder),
}


def negative(value: Any) -> Any:
    """Unary minus."""
    return BINARY["-"](0, value)


def _named(value: Any) -> str:
    return repr(value[:60]) if isinstance(value, str) else kind(value)
