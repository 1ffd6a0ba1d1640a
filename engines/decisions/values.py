"""The values of FEEL: their kinds, when two are equal, which comes first; plain data in and out.

Numbers are decimals of 34 digits, as DMN asks, so that 0.1 + 0.2 is 0.3; outside they are plain JSON numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from math import inf
from typing import Any

MAX_STEPS = 1_000_000
MAX_ITEMS = 100_000
MAX_LENGTH = 100_000
MAX_DEPTH = 60
_MAX_WHOLE = 2**63
_COPIED = 4
NUMBERS = Context(prec=34, Emax=6144, Emin=-6143, traps=[InvalidOperation, DivisionByZero, Overflow])


class Impossible(Exception):
    """An expression cannot be evaluated: it needs a variable that is not there, or goes beyond a bound."""


class Run:
    """One evaluation: its clock and what it may still spend."""

    __slots__ = ("_left", "depth", "now")

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.depth = 0
        self._left = MAX_STEPS

    def spend(self, steps: int = 1) -> None:
        """Count work; raises `Impossible` when there is too much."""
        self._left -= steps
        if self._left < 0:
            raise Impossible(f"takes more than {MAX_STEPS} steps")


@dataclass(frozen=True, slots=True)
class Months:
    """A duration of years and months."""

    count: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; a missing end is open to infinity."""

    low: Any
    high: Any
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function of the model: its parameters and what it does."""

    parameters: tuple[str, ...]
    call: Callable[[Run, Sequence[Any]], Any]


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (Decimal, "number"),
    (str, "string"),
    (list, "list"),
    (dict, "context"),
    (datetime, "date and time"),
    (date, "date"),
    (time, "time"),
    (timedelta, "days and time duration"),
    (Months, "years and months duration"),
    (Range, "range"),
)
_BY_TYPE = {**dict(_KINDS), type(None): "null"}
_ORDERED = {"number", "string", "date", "time", "date and time", "days and time duration"}


def kind(value: Any) -> str:
    """The FEEL type of a value."""
    return _BY_TYPE.get(type(value), "function")


def equal(run: Run, left: Any, right: Any) -> bool | None:
    """FEEL's `=`: null equals null only, and different kinds cannot be compared."""
    run.spend()
    if left is None or right is None:
        return left is right
    if kind(left) != kind(right):
        return None
    if isinstance(left, list):
        return len(left) == len(right) and all(equal(run, *pair) is True for pair in zip(left, right, strict=True))
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(equal(run, left[name], right[name]) is True for name in left)
    return bool(left == right)


def order(left: Any, right: Any) -> int | None:
    """Negative, zero or positive; null when these two have no order."""
    if isinstance(left, Months) and isinstance(right, Months):
        left, right = Decimal(left.count), Decimal(right.count)
    if kind(left) != kind(right) or kind(left) not in _ORDERED:
        return None
    try:
        return int(left > right) - int(left < right)
    except TypeError:  # one knows its time zone, the other does not
        return None


def within(value: Any, span: Range) -> bool | None:
    """Whether a value lies in a range; null when it cannot be compared with the ends."""
    low = 1 if span.low is None else order(value, span.low)
    high = -1 if span.high is None else order(value, span.high)
    if low is None or high is None:
        return None
    return (low > 0 or (low == 0 and span.low_included)) and (high < 0 or (high == 0 and span.high_included))


def key(run: Run, value: Any) -> Hashable:
    """Equal for values that are equal."""
    run.spend()
    if isinstance(value, list):
        return ("list", *(key(run, item) for item in value))
    if isinstance(value, dict):
        return ("context", frozenset((name, key(run, item)) for name, item in value.items()))
    return (kind(value), id(value) if isinstance(value, Function | Range) else value)


def whole(value: Any) -> int | None:
    """A number without fraction as an integer of sensible size."""
    if not isinstance(value, Decimal) or abs(value) >= _MAX_WHOLE:
        return None
    found = int(value)
    return found if found == value else None


def text(value: str) -> str:
    """A text of bounded length."""
    if len(value) > MAX_LENGTH:
        raise Impossible(f"makes a text of more than {MAX_LENGTH} characters")
    return value


def joined(words: Sequence[str], between: str = "") -> str:
    """Texts as one of bounded length."""
    if sum(map(len, words)) + len(words) * len(between) > MAX_LENGTH + len(between):
        raise Impossible(f"makes a text of more than {MAX_LENGTH} characters")
    return between.join(words)


def taken(run: Run, value: Any) -> Any:
    """A value of FEEL from plain data; raises `Impossible` for what is none."""
    run.spend(_COPIED)
    if value is None or isinstance(value, bool | str | date | time | timedelta | Months | Range | Function):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(name): taken(run, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [taken(run, item) for item in value]
    raise Impossible(f"{type(value).__name__} is no data")


def given(run: Run, value: Any, show: Callable[[Any], str]) -> Any:
    """Plain data from a value of FEEL; dates and durations as ISO texts."""
    run.spend(_COPIED)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        return _plain_number(value)
    if isinstance(value, dict):
        return {name: given(run, item, show) for name, item in value.items()}
    if isinstance(value, list):
        return [given(run, item, show) for item in value]
    if kind(value) == "function":
        raise Impossible("the result is a function, not data")
    return show(value)


def _plain_number(value: Decimal) -> int | float:
    exact = whole(value)
    near = float(value) if exact is None else exact
    if near in (inf, -inf):
        raise Impossible("the result is too large a number")
    return near


def _number(value: float | Decimal) -> Decimal | None:
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    try:
        return NUMBERS.plus(exact) if exact.is_finite() else None
    except ArithmeticError:
        return None
