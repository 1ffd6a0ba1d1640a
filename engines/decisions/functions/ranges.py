"""Functions of FEEL that say how points and ranges lie to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engines.decisions.functions.builtin import feel
from engines.decisions.values import Range, Run, order, within

_EITHER = ("point1, point2", "range1, point", "point, range2", "range1, range2")


class _Unknown(Exception):
    """Two values have no order."""


def _answer(name: str, *forms: str) -> Callable[[Callable[[Any, Any], bool]], Callable[[Any, Any], bool]]:
    def declare(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
        @feel(name, *forms)
        def compute(_run: Run, one: Any, other: Any) -> bool | None:
            try:
                return None if one is None or other is None else holds(one, other)
            except _Unknown:
                return None

        return holds

    return declare


def _order(one: Any, other: Any) -> int:
    found = None if one is None or other is None else order(one, other)
    if found is None:
        raise _Unknown
    return found


def _low(value: Any) -> tuple[Any, bool]:
    return (value.low, value.low_included) if isinstance(value, Range) else (value, True)


def _high(value: Any) -> tuple[Any, bool]:
    return (value.high, value.high_included) if isinstance(value, Range) else (value, True)


def _inside(point: Any, span: Any) -> bool:
    found = within(point, span) if isinstance(span, Range) and not isinstance(point, Range) else None
    if found is None:
        raise _Unknown
    return found


@_answer("before", *_EITHER)
def _before(one: Any, other: Any) -> bool:
    (end, end_in), (start, start_in) = _high(one), _low(other)
    found = _order(end, start)
    return found < 0 or (found == 0 and not (end_in and start_in))


@_answer("after", *_EITHER)
def _after(one: Any, other: Any) -> bool:
    return _before(other, one)


@_answer("meets", "range1: range, range2: range")
def _meets(one: Range, other: Range) -> bool:
    return one.high_included and other.low_included and _order(one.high, other.low) == 0


@_answer("met by", "range1: range, range2: range")
def _met_by(one: Range, other: Range) -> bool:
    return _meets(other, one)


@_answer("overlaps", "range1: range, range2: range")
def _overlaps(one: Range, other: Range) -> bool:
    return not _before(one, other) and not _after(one, other)


@_answer("overlaps before", "range1: range, range2: range")
def _overlaps_before(one: Range, other: Range) -> bool:
    starts = _order(one.low, other.low)
    ends = _order(one.high, other.high)
    first = starts < 0 or (starts == 0 and one.low_included and not other.low_included)
    last = ends < 0 or (ends == 0 and (not one.high_included or other.high_included))
    return first and last and _overlaps(one, other)


@_answer("overlaps after", "range1: range, range2: range")
def _overlaps_after(one: Range, other: Range) -> bool:
    starts = _order(one.low, other.low)
    ends = _order(one.high, other.high)
    later = starts > 0 or (starts == 0 and not one.low_included and other.low_included)
    longer = ends > 0 or (ends == 0 and (one.high_included or not other.high_included))
    return later and longer and _overlaps(one, other)


@_answer("includes", "range: range, point", "range1: range, range2: range")
def _includes(one: Range, other: Any) -> bool:
    if not isinstance(other, Range):
        return _inside(other, one)
    low, high = _order(one.low, other.low), _order(one.high, other.high)
    starts = low < 0 or (low == 0 and (one.low_included or not other.low_included))
    return starts and (high > 0 or (high == 0 and (one.high_included or not other.high_included)))


@_answer("during", "point, range: range", "range1: range, range2: range")
def _during(one: Any, other: Range) -> bool:
    return _includes(other, one)


@_answer("starts", "point, range: range", "range1: range, range2: range")
def _starts(one: Any, other: Range) -> bool:
    (start, start_in) = _low(one)
    same = _order(start, other.low) == 0 and start_in == other.low_included
    return same and (not isinstance(one, Range) or _includes(other, one))


@_answer("started by", "range: range, point", "range1: range, range2: range")
def _started_by(one: Range, other: Any) -> bool:
    return _starts(other, one)


@_answer("finishes", "point, range: range", "range1: range, range2: range")
def _finishes(one: Any, other: Range) -> bool:
    (end, end_in) = _high(one)
    same = _order(end, other.high) == 0 and end_in == other.high_included
    return same and (not isinstance(one, Range) or _includes(other, one))


@_answer("finished by", "range: range, point", "range1: range, range2: range")
def _finished_by(one: Range, other: Any) -> bool:
    return _finishes(other, one)


@_answer("coincides", "point1, point2", "range1: range, range2: range")
def _coincides(one: Any, other: Any) -> bool:
    if isinstance(one, Range) != isinstance(other, Range):
        raise _Unknown
    if not isinstance(one, Range):
        return _order(one, other) == 0
    same = one.low_included == other.low_included and one.high_included == other.high_included
    return same and _order(one.low, other.low) == 0 and _order(one.high, other.high) == 0
