"""Beat's schedule, watched: a file is touched at every tick, so that one can see whether it still ticks."""

from __future__ import annotations

import os
from typing import Any

from celery.beat import PersistentScheduler

from settings import home_of
from workers.system import BEAT

LONGEST_SLEEP = 1.0


class WatchedScheduler(PersistentScheduler):  # type: ignore[misc] # celery has no types
    """Celery's own scheduler with a heartbeat."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._alive = home_of(os.environ) / "run" / f"{BEAT}.alive"
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due; says how long beat may sleep."""
        self._alive.touch()
        return min(float(super().tick(*arguments, **options)), LONGEST_SLEEP)
