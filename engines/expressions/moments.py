"""Points in time as process models write them: ISO dates, ISO durations, and Camunda's `dateTime().plusDays(2)`."""

from __future__ import annotations

import operator
import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.values import iso, parse_time

_DURATION = re.compile(
    r"(?P<sign>[+-]?)P(?=[\dT])(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Duration:
    """An ISO-8601 duration; months are kept apart because their length depends on where they start."""

    months: int
    rest: timedelta

    def after(self, start: datetime) -> datetime:
        """The moment this much later; the day is capped at the month's end; raises `ValueError`."""
        try:
            return _plus_months(start, self.months) + self.rest
        except (OverflowError, ValueError) as error:
            raise ValueError(f"beyond the calendar: {error}") from error


@dataclass(frozen=True, slots=True)
class Moment:
    """What `dateTime()` and `now()` give an expression."""

    at: datetime

    def plus(self, unit: str, amount: int) -> Moment:
        """Later by so many units of `_UNITS`, months or years."""
        if unit in ("months", "years"):
            return Moment(Duration(amount * (12 if unit == "years" else 1), timedelta()).after(self.at))
        try:
            return Moment(self.at + timedelta(**{unit: amount}))
        except OverflowError as error:
            raise ValueError(f"beyond the calendar: {error}") from error

    def __str__(self) -> str:
        return iso(self.at)


def _adder(unit: str, sign: int) -> Callable[[Moment, int], Moment]:
    return lambda moment, amount: moment.plus(unit, sign * amount)


def _millis(moment: Moment) -> int:
    return (moment.at - _EPOCH) // _MILLISECOND


def _at_midnight(moment: Moment) -> Moment:
    return Moment(moment.at.replace(hour=0, minute=0, second=0, microsecond=0))


SHIFTS: Mapping[str, Callable[[Moment, int], Moment]] = {
    **{
        f"{verb}{unit.capitalize()}": _adder(unit, sign)
        for verb, sign in (("plus", 1), ("minus", -1))
        for unit in (*_UNITS, "months", "years")
    },
    "plusMillis": _adder("milliseconds", 1),
    "minusMillis": _adder("milliseconds", -1),
}
GETTERS: Mapping[str, Callable[[Moment], Any]] = {
    **dict.fromkeys(("toDate", "toDateTime", "toInstant"), lambda moment: moment),
    **dict.fromkeys(("withTimeAtStartOfDay", "toDateMidnight"), _at_midnight),
    **dict.fromkeys(("getTime", "getMillis"), _millis),
    "toString": str,
    "getYear": lambda moment: moment.at.year,
    "getMonthOfYear": lambda moment: moment.at.month,
    "getDayOfMonth": lambda moment: moment.at.day,
    "getDayOfWeek": lambda moment: moment.at.isoweekday(),
    "getDayOfYear": lambda moment: moment.at.timetuple().tm_yday,
    "getHourOfDay": lambda moment: moment.at.hour,
    "getMinuteOfHour": lambda moment: moment.at.minute,
    "getSecondOfMinute": lambda moment: moment.at.second,
}
COMPARISONS: Mapping[str, Callable[[datetime, datetime], Any]] = {
    **dict.fromkeys(("isAfter", "after"), operator.gt),
    **dict.fromkeys(("isBefore", "before"), operator.lt),
    **dict.fromkeys(("isEqual", "equals"), operator.eq),
    "compareTo": lambda one, other: (one > other) - (one < other),
}


def to_moment(value: object) -> Moment:
    """A moment, or the one an ISO text names; raises `ValueError`."""
    if isinstance(value, Moment):
        return value
    if not isinstance(value, str) or not value[:4].isdigit():
        raise ValueError(f"{str(value)[:60]!r} is not a date")
    return Moment(parse_time(value.strip()))


def parse_duration(text: str) -> Duration:
    """Read `P1Y2M3W4DT5H6M7.8S`; raises `ValueError`."""
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None or len(text) > 40:  # noqa: PLR2004 - longer than any sensible duration
        raise ValueError(f"{text[:60]!r} is not an ISO-8601 duration")
    sign = -1 if found["sign"] == "-" else 1
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    try:
        return Duration(sign * months, sign * timedelta(**{unit: float(found[unit] or 0) for unit in _UNITS}))
    except OverflowError as error:
        raise ValueError(f"{text!r} is beyond the calendar") from error


def moment(value: object, now: datetime) -> datetime:
    """An ISO date, an ISO duration from now, or a `Moment`, as a moment in UTC; raises `ValueError`."""
    if isinstance(value, Moment):
        return value.at.astimezone(UTC)
    if not isinstance(value, str):
        raise ValueError(f"{type(value).__name__} is not a date")  # noqa: TRY004 - callers handle one kind of error
    text = value.strip()
    if text[:1].upper() == "P" or text[1:2].upper() == "P":
        return parse_duration(text).after(now).astimezone(UTC)
    try:
        return parse_time(text)
    except OverflowError as error:
        raise ValueError(f"{text!r} is beyond the calendar") from error


def moment_text(value: object, now: datetime) -> str:
    """The same as sortable text, `2026-11-22T10:00:00.000Z`."""
    return iso(moment(value, now))


def _plus_months(start: datetime, months: int) -> datetime:
    if not months:
        return start
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))
