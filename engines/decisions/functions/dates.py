"""Functions of FEEL over the calendar and the clock."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal

from engines.decisions.functions.builtin import feel
from engines.decisions.values import Run

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_ANY_DATE = ("date: date", "date: date and time")


@feel("now", "")
def _now(run: Run) -> datetime:
    return run.now


@feel("today", "")
def _today(run: Run) -> date:
    return run.now.date()


@feel("day of year", *_ANY_DATE)
def _day_of_year(_run: Run, on: date) -> Decimal:
    return Decimal(on.timetuple().tm_yday)


@feel("day of week", *_ANY_DATE)
def _day_of_week(_run: Run, on: date) -> str:
    return _WEEKDAYS[on.weekday()]


@feel("month of year", *_ANY_DATE)
def _month_of_year(_run: Run, on: date) -> str:
    return _MONTHS[on.month - 1]


@feel("week of year", *_ANY_DATE)
def _week_of_year(_run: Run, on: date) -> Decimal:
    return Decimal(on.isocalendar().week)


@feel("last day of month", *_ANY_DATE)
def _last_day_of_month(_run: Run, on: date) -> Decimal:
    return Decimal(monthrange(on.year, on.month)[1])
