"""Fire what is due: every instance in a unit of work of its own, so that one bad timer stops nobody else's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.aggregates import Origin
from domain.errors import Transient
from domain.values import iso
from store import metrics
from store.database import Database
from store.instances import due_instances, failures, postpone
from tasks.carry_out import Begin, EngineOf

log = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)


def fire_due(database: Database, begin: Begin, engine_of: EngineOf, now: Callable[[], datetime]) -> int:
    """Fire the timers due now; returns how many instances moved on. Raises `Transient`."""
    with database.reading() as connection:
        waiting = due_instances(connection, iso(now()))
    moved = 0
    for instance_id in waiting:
        try:
            with begin(Origin(iso(now()))) as work:
                engine_of(work).fire_timers(instance_id)
            moved += 1
            metrics.timers.labels(database.application, "fired").inc()
        except Transient:
            raise
        except Exception:
            metrics.timers.labels(database.application, "failed").inc()
            log.exception("timer_failed", extra={"instance_id": instance_id})
            _try_later(database, instance_id, now())
    return moved


def _try_later(database: Database, instance_id: str, now: datetime) -> None:
    """One that stays due would be first in every round, and enough of them would keep all others from their turn."""
    with database.transaction() as connection:
        pause = min(FIRST_PAUSE * 2 ** min(failures(connection, instance_id), 20), LONGEST_PAUSE)
        postpone(connection, instance_id, iso(now), iso(now + pause))
