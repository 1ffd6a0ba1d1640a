"""Arithmetic of FEEL over numbers, texts, dates, times and durations: null where it makes no sense."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from engines.decisions.times import moved, seconds
from engines.decisions.values import NUMBERS, Months, text

_DAY = timedelta(days=1)


def add(left: Any, right: Any) -> Any:  # noqa: PLR0911 - one line for each pair of kinds
    """Sum, joined text, or a later moment."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return NUMBERS.add(left, right)
    if isinstance(left, str) and isinstance(right, str):
        return text(left + right)
    if isinstance(left, Months | timedelta) and not isinstance(right, Months | timedelta):
        left, right = right, left
    if isinstance(left, Months) and isinstance(right, Months):
        return Months(left.count + right.count)
    if isinstance(left, date) and isinstance(right, Months):
        return moved(left, right.count)
    if isinstance(left, time) and isinstance(right, timedelta):
        return (datetime(2000, 1, 1, tzinfo=UTC) + (seconds(left) + right) % _DAY).time().replace(tzinfo=left.tzinfo)
    if isinstance(left, date) and not isinstance(left, datetime) and isinstance(right, timedelta):
        return left + timedelta(days=right // _DAY)
    return left + right if isinstance(left, datetime | timedelta) and isinstance(right, timedelta) else None


def subtract(left: Any, right: Any) -> Any:
    """Difference, or an earlier moment."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return NUMBERS.subtract(left, right)
    if isinstance(left, date) and isinstance(right, date):
        one, other = _alike(left, right)
        return one - other if (one.tzinfo is None) == (other.tzinfo is None) else None
    if isinstance(left, time) and isinstance(right, time):
        return _between(left, right)
    if isinstance(left, Months | timedelta) and not isinstance(right, Months | timedelta):
        return None
    return add(left, negative(right)) if isinstance(right, Months | timedelta) else None


def multiply(left: Any, right: Any) -> Any:
    """Product, or a longer duration."""
    if isinstance(left, Months | timedelta):
        left, right = right, left
    if not isinstance(left, Decimal):
        return None
    if isinstance(right, Decimal):
        return NUMBERS.multiply(left, right)
    if isinstance(right, Months):
        return Months(int(left * right.count))
    return _scaled(right, left) if isinstance(right, timedelta) else None


def divide(left: Any, right: Any) -> Any:
    """Quotient, a shorter duration, or the ratio of two."""
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        return NUMBERS.divide(left, right)
    if isinstance(left, Months) and isinstance(right, Decimal):
        return Months(int(NUMBERS.divide(Decimal(left.count), right)))
    if isinstance(left, timedelta) and isinstance(right, Decimal):
        return _scaled(left, NUMBERS.divide(Decimal(1), right))
    if isinstance(left, Months) and isinstance(right, Months):
        return NUMBERS.divide(Decimal(left.count), Decimal(right.count))
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        return NUMBERS.divide(Decimal(left // timedelta.resolution), Decimal(right // timedelta.resolution))
    return None


def power(left: Any, right: Any) -> Any:
    """One number to the power of another."""
    return NUMBERS.power(left, right) if isinstance(left, Decimal) and isinstance(right, Decimal) else None


def negative(value: Any) -> Any:
    """Unary minus, of numbers and durations."""
    if isinstance(value, Decimal):
        return NUMBERS.minus(value)
    if isinstance(value, Months):
        return Months(-value.count)
    return -value if isinstance(value, timedelta) else None


def total(compute: Callable[..., Any]) -> Callable[..., Any]:
    """Null where arithmetic has no answer: division by zero, beyond the calendar, beyond 34 digits."""

    def computed(*values: Any) -> Any:
        try:
            return compute(*values)
        except (ArithmeticError, ValueError):
            return None

    return computed


ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": total(add),
    "-": total(subtract),
    "*": total(multiply),
    "/": total(divide),
    "**": total(power),
}


def _alike(left: date, right: date) -> tuple[datetime, datetime]:
    """A date is its midnight, in UTC when the other side knows its zone."""
    one, other = (
        side if isinstance(side, datetime) else datetime.combine(side, time(), tzinfo=None) for side in (left, right)
    )
    if not isinstance(left, datetime) and other.tzinfo:
        one = one.replace(tzinfo=UTC)
    if not isinstance(right, datetime) and one.tzinfo:
        other = other.replace(tzinfo=UTC)
    return one, other


def _between(left: time, right: time) -> timedelta | None:
    one, other = left.utcoffset(), right.utcoffset()
    if (one is None) != (other is None):
        return None
    return seconds(left) - seconds(right) - ((one or timedelta()) - (other or timedelta()))


def _scaled(length: timedelta, factor: Decimal) -> timedelta:
    micro = NUMBERS.multiply(Decimal(length // timedelta.resolution), factor)
    return timedelta(microseconds=int(micro.to_integral_value(ROUND_HALF_EVEN)))
