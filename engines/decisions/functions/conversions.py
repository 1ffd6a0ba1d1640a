"""Functions of FEEL that make a value of one kind from another."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

from engines.decisions import times
from engines.decisions.functions.builtin import feel
from engines.decisions.values import NUMBERS, Function, Months, Range, Run, joined, kind, whole

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)
_GROUPS = (" ", ",", ".", None)
_POINTS = (".", ",", None)


def shown(run: Run, value: Any, *, inside: bool = False) -> str:  # noqa: PLR0911 - one for each kind
    """The text of any value, as FEEL writes it."""
    run.spend()
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if inside else value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, list):
        return joined(["[", joined([shown(run, item, inside=True) for item in value], ", "), "]"])
    if isinstance(value, dict):
        pairs = [f"{name}: {shown(run, item, inside=True)}" for name, item in value.items()]
        return joined(["{", joined(pairs, ", "), "}"])
    if isinstance(value, Range):
        low, high = ("" if end is None else shown(run, end, inside=True) for end in (value.low, value.high))
        return joined(["[" if value.low_included else "(", low, "..", high, "]" if value.high_included else ")"])
    return "function" if isinstance(value, Function) else times.shown(value)


@feel("string", "from")
def _string(run: Run, value: Any) -> str | None:
    return None if value is None else shown(run, value)


@feel("number", "from: string, grouping separator?: string|null, decimal separator?: string|null", "from: number")
def _read_number(_run: Run, text: Any, group: str | None = None, point: str | None = None) -> Decimal | None:
    if isinstance(text, Decimal):
        return text
    if group not in _GROUPS or point not in _POINTS or (group is not None and group == point):
        return None
    if group:
        text = text.replace(group, "")
    if point:
        text = text.replace(point, ".")
    return NUMBERS.create_decimal(text) if _NUMBER.fullmatch(text[:200]) else None


@feel("date", "from", "year: number, month: number, day: number")
def _date(_run: Run, first: Any, month: Decimal | None = None, day: Decimal | None = None) -> date | None:
    if isinstance(first, str):
        return times.read_date(first)
    if isinstance(first, datetime):
        return first.date()
    if isinstance(first, date):
        return first
    parts = [whole(part) for part in (first, month, day)]
    return None if None in parts else date(*[part for part in parts if part is not None])


@feel("time", "from", "hour: number, minute: number, second: number, offset?: days and time duration|null")
def _time(
    _run: Run, first: Any, minute: Decimal | None = None, second: Decimal | None = None, offset: timedelta | None = None
) -> time | None:
    if isinstance(first, str):
        return times.read_time(first)
    if isinstance(first, datetime):
        return first.timetz()
    if isinstance(first, date):
        return time(tzinfo=UTC)
    if isinstance(first, time):
        return first
    hour, on, seconds = whole(first), whole(minute), second
    if hour is None or on is None or seconds is None:
        return None
    micro = int((seconds % 1) * 1_000_000)
    return time(hour, on, int(seconds), micro, tzinfo=None if offset is None else timezone(offset))


@feel("date and time", "from", "date, time: time", "date, timezone: string")
def _moment(_run: Run, first: Any, at: Any = None) -> datetime | None:
    if isinstance(first, str):
        return times.read_moment(first) if at is None else None
    if isinstance(first, datetime) and isinstance(at, str):
        zoned = times.read_moment(f"{first.replace(tzinfo=None).isoformat()}@{at}")
        return None if zoned is None else first.astimezone(zoned.tzinfo)
    if at is None:
        found = first if isinstance(first, datetime) else None
        return datetime.combine(first, time(), UTC) if kind(first) == "date" else found
    return datetime.combine(first, at) if isinstance(first, date) and isinstance(at, time) else None


@feel("duration", "from")
def _duration(_run: Run, text: Any) -> timedelta | Months | None:
    if isinstance(text, timedelta | Months):
        return text
    return times.read_duration(text) if isinstance(text, str) else None


@feel("years and months duration", "from: date, to: date", "from: date and time, to: date and time", "from, to")
def _span(_run: Run, start: Any, end: Any) -> Months | None:
    if not isinstance(start, date) or not isinstance(end, date):
        return None
    sign = 1
    if (start.year, start.month, start.day) > (end.year, end.month, end.day):
        start, end, sign = end, start, -1
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    return Months(sign * months)


def _digits(value: Decimal) -> str:
    plain = format(value, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain
