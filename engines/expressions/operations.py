"""What the operators of an expression do: total over plain data, bounded, null-tolerant as in JUEL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engines.expressions.moments import METHODS, Moment

MAX_NUMBER = 2**63
MAX_LENGTH = 100_000


class Impossible(Exception):
    """The operation makes no sense for these values."""


def truth(value: Any) -> bool:
    """JUEL's idea of a condition: the text `"false"` and the empty text are false."""
    if isinstance(value, str):
        return value.strip().lower() not in ("", "false")
    return bool(value)


def is_empty(value: Any) -> bool:
    """Null, the empty text and empty collections."""
    return value is None or (isinstance(value, str | Sequence | Mapping) and len(value) == 0)


def member(value: Any, name: Any) -> Any:
    """A member of a mapping, null when it has none, or an item of a list."""
    if isinstance(value, Mapping):
        return value.get(name) if isinstance(name, str) else None
    if isinstance(value, list | tuple) and isinstance(name, int) and not isinstance(name, bool):
        if not -len(value) <= name < len(value):
            raise Impossible(f"there is no item {name}, the list has {len(value)}")
        return value[name]
    raise Impossible(f"{_kind(value)} has no member {name!r}")


def invoke(value: Any, name: str, arguments: Sequence[Any]) -> Any:
    """The methods of a moment, the only ones there are."""
    if isinstance(value, Moment) and name in ("toDate", "toDateTime", "toString") and not arguments:
        return value
    if not isinstance(value, Moment) or name not in METHODS:
        raise Impossible(f"calling {name!r} is not possible here")
    if len(arguments) != 1 or not isinstance(arguments[0], int):
        raise Impossible(f"{name} takes one whole number")
    return METHODS[name](value, arguments[0])


def contains(item: Any, container: Any) -> bool:
    """Whether a list, a mapping's names or a text has the item; nothing is in null."""
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple | Mapping):
        return item in container
    if container is None:
        return False
    raise Impossible(f"`in` needs a list, not {_kind(container)}")


def _aligned(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, str) and _is_number(right):
        return _number(left, left), right
    if isinstance(right, str) and _is_number(left):
        return left, _number(right, right)
    if isinstance(left, Moment) and isinstance(right, Moment):
        return left.at, right.at
    return left, right


def equal(left: Any, right: Any) -> bool:
    """Equality; a number equals the text that spells it."""
    one, other = _aligned(left, right)
    return type(one) is type(other) and one == other if _has_bool(one, other) else bool(one == other)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        one, other = _aligned(left, right)
        try:
            return bool(compare(one, other))
        except TypeError:
            raise Impossible(f"cannot compare {_kind(left)} with {_kind(right)}") from None

    return holds


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def number(left: Any, right: Any) -> Any:
        one, other = (0 if side is None else _number(side, None) for side in (left, right))
        if one is None or other is None:
            raise Impossible(f"cannot calculate with {_kind(left)} and {_kind(right)}")
        found = compute(one, other)
        if not -MAX_NUMBER < found < MAX_NUMBER:
            raise Impossible("the number is too large")
        return found

    return number


def _divide(left: Any, right: Any) -> Any:
    if right == 0:
        raise Impossible("division by zero")
    return left / right


def _remainder(left: Any, right: Any) -> Any:
    if right == 0:
        raise Impossible("division by zero")
    return left % right


_sum = _arithmetic(lambda left, right: left + right)


def _plus(left: Any, right: Any) -> Any:
    if not (isinstance(left, str) or isinstance(right, str)):
        return _sum(left, right)
    texts = ["" if side is None else str(side) for side in (left, right) if not isinstance(side, list | Mapping)]
    if len(texts) < 2 or sum(map(len, texts)) > MAX_LENGTH:  # noqa: PLR2004 - both sides
        raise Impossible("cannot join these into a text")
    return "".join(texts)


BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": _ordered(lambda left, right: left < right),
    ">": _ordered(lambda left, right: left > right),
    "<=": _ordered(lambda left, right: left <= right),
    ">=": _ordered(lambda left, right: left >= right),
    "in": contains,
    "not in": lambda left, right: not contains(left, right),
    "+": _plus,
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(_divide),
    "%": _arithmetic(_remainder),
}


def negative(value: Any) -> Any:
    """Unary minus."""
    return BINARY["-"](0, value)


def _number(value: Any, otherwise: Any) -> Any:
    if _is_number(value):
        return value
    if isinstance(value, str) and len(value) < 30:  # noqa: PLR2004 - longer than any 64-bit number
        for read in (int, float):
            try:
                return read(value)
            except ValueError:
                continue
    return otherwise


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_bool(left: Any, right: Any) -> bool:
    return isinstance(left, bool) or isinstance(right, bool)


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__
