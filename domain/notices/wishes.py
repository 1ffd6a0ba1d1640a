"""What a person wants to be told by mail, and when not; how long to wait before the next try of what did not arrive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from domain.notices.notice import KINDS, Kind

MOST_TRIES: Final = 10
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours of every day in which no mail goes out, over midnight where `begin` is the later one."""

    begin: time
    end: time
    zone: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """When it is over; None while it is not quiet."""
        here = now.astimezone(self.zone)
        clock = here.time()
        over_midnight = self.begin > self.end
        has_begun, has_ended = clock >= self.begin, clock >= self.end
        is_quiet = (has_begun or not has_ended) if over_midnight else (has_begun and not has_ended)
        if not is_quiet:
            return None
        day = here.date() + timedelta(days=int(over_midnight and clock >= self.begin))
        # Read anew from the wall clock: in the night the clocks are changed a day is not 24 hours.
        end = datetime.combine(day, self.end, self.zone).astimezone(UTC)
        return max(end, now + FIRST_PAUSE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Until somebody says otherwise: everything, at any time."""

    mail: Mapping[Kind, bool] = field(default_factory=lambda: dict.fromkeys(KINDS, True))
    quiet: Quiet | None = None
    locale: str | None = None
    """In which language they read, and how dates are written there: `de-CH`; None until they have said it."""
    zone: ZoneInfo | None = None
    """Where they are; None until they have said it."""


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries, three times as long each time; None when it is given up."""
    if tries >= MOST_TRIES:
        return None
    return min(timedelta(minutes=3 ** (tries - 1)), LONGEST_PAUSE)
