"""Repeating timers: ISO-8601 intervals, `R3/2026-11-22T10:00:00Z/PT10M`, and cron as Quartz writes it, `0 0 9 ? * MON`.

A round that was missed, as when nothing was running, is fired once, and the next lies in the future.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from domain.deployment import StartEvent
from domain.values import iso, parse_time
from engines.expressions.moments import Duration, moment, parse_duration

_REPEATED = re.compile(r"R(\d*)/(?:(.+)/)?([^/]+)")
_FIELDS = (6, 7)
_DAYS = re.compile(r"(?<![#/\w])([1-7])(L?)(?=[-,#]|$)")


def begin(text: str, now: datetime) -> dict[str, Any]:
    """The first round: `{cycles, next, duration}`, where `cycles` counts what is left, -1 for no end.

    Raises `ValueError` where the text says no cycle, or one that never comes.
    """
    text = text.strip()
    if not text.startswith(("R", "P")):
        return {"cycles": -1, "next": iso(_cron(text, now)), "duration": text}
    found = _REPEATED.fullmatch(text if text.startswith("R") else f"R/{text}")
    if found is None:
        raise ValueError(f"{text[:60]!r} is neither R[n]/[start/]duration nor cron")
    rounds, start, duration = found.groups()
    step = _step(duration)
    first = moment(start, now) if start else step.after(now)
    return {"cycles": int(rounds) if rounds else -1, "next": iso(first), "duration": duration}


def following(value: dict[str, Any], now: datetime) -> dict[str, Any] | None:
    """The round after this one, None when that was the last; rounds that were missed are not made up for."""
    left = value["cycles"] - (value["cycles"] > 0)
    if left == 0:
        return None
    duration = value["duration"]
    if not str(duration).startswith("P"):
        return {**value, "next": iso(_cron(duration, now))}
    step, after = _step(duration), parse_time(value["next"])
    after = step.after(after)
    if after <= now:
        after = _first_after(now, after, step)
    return {**value, "cycles": left, "next": iso(after)}


def next_start(start: StartEvent, now: datetime) -> tuple[str | None, str | None]:
    """When a start event that fires now comes next, and what is kept of it; None for never."""
    after = following(json.loads(start.value), now) if start.value else None
    return (after["next"], json.dumps(after)) if after else (None, None)


def first_start(text: str, *, repeats: bool, now: datetime) -> tuple[str | None, str | None]:
    """The same for the first time; raises `ValueError` where the text is no time."""
    if not repeats:
        return iso(moment(text.strip(), now)), None
    value = begin(text, now)
    return (value["next"], json.dumps(value)) if value["cycles"] else (None, None)


def _first_after(now: datetime, after: datetime, step: Duration) -> datetime:
    """The first moment of the rhythm that is still to come."""
    if not step.months:
        return after + ((now - after) // step.rest + 1) * step.rest
    while after <= now:
        after = step.after(after)
    return after


def _step(text: str) -> Duration:
    step = parse_duration(text)
    if step.months < 0 or step.rest.total_seconds() < 0 or not (step.months or step.rest):
        raise ValueError(f"{text!r} is no time to wait")
    return step


def _cron(text: str, now: datetime) -> datetime:
    """Six fields from the seconds on, a seventh for the year; days of the week are 1 for Sunday to 7."""
    # Importing it runs a command of the system, which a web process that only reads saved instances must not.
    from croniter import croniter  # noqa: PLC0415
    from croniter.croniter import CroniterError  # noqa: PLC0415

    fields = text.split()
    if len(fields) not in _FIELDS or len(text) > 200:  # noqa: PLR2004 - longer than any sensible rhythm
        raise ValueError(f"{text[:60]!r} is neither R[n]/[start/]duration nor cron with six fields")
    fields[5] = _DAYS.sub(lambda day: f"{day[2]}{int(day[1]) - 1}", fields[5])
    try:
        found: datetime = croniter(" ".join(fields), now, second_at_beginning=True).get_next(datetime)
    except (CroniterError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{text[:60]!r} never comes or cannot be read: {error}") from error
    return found
