"""Dates, times and durations of FEEL: read from text, shown as text, and their parts."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from engines.decisions.values import Months, kind

Temporal: TypeAlias = date | time | timedelta | Months

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:(Z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z][\w+\-/]{0,60}))?", re.ASCII
)
_MONTHS = re.compile(r"(-?)P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?", re.ASCII)
_SECONDS = re.compile(
    r"(-?)P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,9}))?S)?)?", re.ASCII
)
_LONGEST = 100
_MAX_OFFSET = timedelta(hours=14)
_ZONES: Final = available_timezones()
"""Other names would be looked for among files and packages, each time anew."""


def read_date(text: str) -> date | None:
    """Read `2026-11-28`."""
    found = _DATE.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """Read `10:00:00`, with a fraction, an offset or `@Europe/Berlin` if there is one."""
    found = _TIME.fullmatch(text[:_LONGEST])
    if found is None:
        return None
    hour, minute, second = (int(part) for part in found.groups()[:3])
    fraction = int((found[4] or "").ljust(6, "0")[:6])
    try:
        return time(hour, minute, second, fraction, tzinfo=_zone(found))
    except (ValueError, OSError, LookupError):
        return None


def read_moment(text: str) -> datetime | None:
    """Read a date and a time with `T` between them; a date alone is its midnight."""
    day, has_time, clock = text.partition("T")
    on = read_date(day)
    at = read_time(clock) if has_time else time()
    return datetime.combine(on, at) if on is not None and at is not None else None


def read_duration(text: str) -> timedelta | Months | None:
    """Read `P1Y2M` or `P3DT4H`; a mixture is no duration of FEEL."""
    short = text[:_LONGEST]
    if short[-1:] not in ("P", "T") and (found := _MONTHS.fullmatch(short)):
        months = int(found[2] or 0) * 12 + int(found[3] or 0)
        return Months(-months if found[1] else months)
    if short[-1:] in ("P", "T") or not (found := _SECONDS.fullmatch(short)):
        return None
    days, hours, minutes, seconds = (int(found[part] or 0) for part in range(2, 6))
    try:
        length = timedelta(days, seconds, int((found[6] or "").ljust(6, "0")[:6]), 0, minutes, hours)
    except OverflowError:
        return None
    return -length if found[1] else length


def read_any(text: str) -> Temporal | None:
    """Read what `@"…"` holds."""
    found = read_date(text) or read_moment(text)
    if found is not None:
        return found
    at = read_time(text)
    return at if at is not None else read_duration(text)


def shown(value: Temporal) -> str:
    """The text that reads as this value."""
    if isinstance(value, Months):
        years, months = divmod(abs(value.count), 12)
        body = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if value.count < 0 else ''}P{body}"
    if isinstance(value, timedelta):
        return _length(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T{_clock(value.time())}{_offset(value)}"
    return f"{_clock(value)}{_offset(value)}" if isinstance(value, time) else value.isoformat()


def part(value: Any, name: str) -> Any:
    """A part of a date, a time or a duration, such as its year; null for what it has not."""
    kinds, read = _PARTS.get(name, ((), None))
    if read is None or kind(value) not in kinds:
        return None
    found = read(value)
    return Decimal(found) if isinstance(found, int) else found


def moved(start: date, months: int) -> date | None:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not 1 <= year <= 9999:  # noqa: PLR2004 - the calendar of Python
        return None
    return start.replace(year=year, month=month + 1, day=min(start.day, monthrange(year, month + 1)[1]))


def seconds(value: time) -> timedelta:
    """Since midnight."""
    return timedelta(hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond)


def _zone(found: re.Match[str]) -> tzinfo | None:
    if found[5]:
        return UTC
    if found[10]:
        if found[10] not in _ZONES:
            raise ValueError("no such time zone")
        return ZoneInfo(found[10])
    if not found[6]:
        return None
    ahead = timedelta(hours=int(found[7]), minutes=int(found[8]), seconds=int(found[9] or 0))
    if ahead > _MAX_OFFSET:
        raise ValueError("no such offset")
    return timezone(-ahead if found[6] == "-" else ahead)


def _clock(at: time) -> str:
    plain = at.replace(tzinfo=None).isoformat()
    return plain.rstrip("0") if "." in plain else plain


def _offset(value: time | datetime) -> str:
    if isinstance(value.tzinfo, ZoneInfo):
        return f"@{value.tzinfo.key}"
    ahead = value.utcoffset()
    if ahead is None:
        return ""
    if not ahead:
        return "Z"
    total = abs(int(ahead.total_seconds()))
    sign = "-" if ahead < timedelta() else "+"
    rest = f":{total % 60:02}" if total % 60 else ""
    return f"{sign}{total // 3600:02}:{total // 60 % 60:02}{rest}"


def _length(value: timedelta) -> str:
    size = abs(value)
    hours, rest = divmod(size.seconds, 3600)
    minutes, left = divmod(rest, 60)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{left}{fraction}S" if left or fraction else ""
    body = (f"{size.days}D" if size.days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if value < timedelta() else ''}P{body or 'T0S'}"


def _signed(value: timedelta, unit: int, below: int | None) -> int:
    found = int(abs(value).total_seconds()) // unit
    found = found % below if below else found
    return -found if value < timedelta() else found


def _zone_name(value: time | datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


_DAYS, _CLOCKS = ("date", "date and time"), ("time", "date and time")
_LENGTHS, _SPANS = ("days and time duration",), ("years and months duration",)
_PARTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "year": (_DAYS, lambda value: value.year),
    "month": (_DAYS, lambda value: value.month),
    "day": (_DAYS, lambda value: value.day),
    "weekday": (_DAYS, lambda value: value.isoweekday()),
    "hour": (_CLOCKS, lambda value: value.hour),
    "minute": (_CLOCKS, lambda value: value.minute),
    "second": (_CLOCKS, lambda value: value.second),
    "time offset": (_CLOCKS, lambda value: value.utcoffset()),
    "timezone": (_CLOCKS, _zone_name),
    "years": (_SPANS, lambda value: int(value.count / 12)),
    "months": (_SPANS, lambda value: value.count - 12 * int(value.count / 12)),
    "days": (_LENGTHS, lambda value: _signed(value, 86400, None)),
    "hours": (_LENGTHS, lambda value: _signed(value, 3600, 24)),
    "minutes": (_LENGTHS, lambda value: _signed(value, 60, 60)),
    "seconds": (_LENGTHS, lambda value: _signed(value, 1, 60)),
}
