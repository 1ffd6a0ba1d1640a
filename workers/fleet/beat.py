"""Beat's schedule, watched: a file is touched at every tick, so that one can see whether it still ticks."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

from settings import home_of
from workers.roles import BEAT

LONGEST_SLEEP = 1.0
SKEW = timedelta(seconds=1)


class WatchedScheduler(PersistentScheduler):  # type: ignore[misc] # celery has no types
    """Celery's own scheduler with a heartbeat."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._alive = home_of(os.environ) / "run" / f"{BEAT}.alive"
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due; says how long beat may sleep."""
        self._alive.touch()
        self._mind_a_clock_set_back()
        return min(float(super().tick(*arguments, **options)), LONGEST_SLEEP)

    def _mind_a_clock_set_back(self) -> None:
        """Celery would wait until the clock is again where it was when things last ran."""
        late = [entry for entry in self.schedule.values() if entry.last_run_at > entry.default_now() + SKEW]
        for entry in late:
            entry.last_run_at = entry.default_now()
        if late:
            self._heap = None
