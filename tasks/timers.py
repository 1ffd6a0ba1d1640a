"""Fire what is due: every instance in a unit of work of its own, so that one bad timer stops nobody else's."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.aggregates.advance import Origin
from domain.errors import ExecutionFailed, NewerState, Refused, StoreUnavailable, Transient
from domain.values import iso
from engines.protocol import PAUSES
from engines.spiff.cycles import next_start
from observe import metrics
from store.engine.due import (
    count_try,
    due_instances,
    due_starts,
    put_off_start,
    take_start,
    uncount_try,
)
from store.engine.incidents import TIMER, Incidents
from store.engine.overruns import Overruns
from store.sql.database import Database
from tasks.carry_out import Begin, EngineOf, over_budget, tell_incident

log = logging.getLogger(__name__)

TRIES = len(PAUSES) + 1
MOST_WORDS = 1000
AFTER_THE_LAST = timedelta(seconds=1)
"""When to look again at an instance whose last try may have ended its worker."""


@dataclass(frozen=True, slots=True)
class Timers:
    """Fires the timers of one store."""

    database: Database
    begin: Begin
    engine_of: EngineOf
    now: Callable[[], datetime]
    overruns: Overruns | None = None
    """Instances that have ended a worker."""

    def fire_due(self) -> int:
        """Fire the timers due now; returns how many instances moved on. Raises `Transient`, the others have moved."""
        with self.database.reading() as connection:
            waiting = due_instances(connection, iso(self.now()))
        moved, late = 0, None
        for instance_id in waiting:
            try:
                moved += self._try(instance_id)
            except StoreUnavailable:
                raise
            except Transient as error:
                # Of this instance alone, as one that a newer program has saved: the others have their turn.
                late = error
        if late is not None:
            raise late
        return moved + self._start_due()

    def _start_due(self) -> int:
        """Start what is started by the clock: each in a unit of work that also says when it comes next."""
        application, started = self.database.application, 0
        with self.database.reading() as connection:
            waiting = due_starts(connection, application, iso(self.now()))
        for number in waiting:
            with self.begin(Origin(iso(self.now()))) as work:
                now = self.now()
                start = take_start(work.connection, number, iso(now))
                if start is None:
                    continue
                put_off_start(work.connection, number, *next_start(start, now))
                self.engine_of(work).start_at(start.definition_id, start.element, {})
                started += 1
        return started

    def _try(self, instance_id: str) -> bool:
        """One that stays due would be first in every round: it is put off before it is tried, and counted."""
        now = self.now()
        with self.database.transaction() as connection:
            counted = count_try(connection, instance_id, now, _pause_after)
        if counted is None:
            return False
        before, until = counted
        if before >= TRIES:
            # A look that came to this and could not write it down was counted, and was no try.
            self._give_up(instance_id, TRIES, None)
            return False
        try:
            self._fire(instance_id)
        except Transient as error:
            # Not its fault; where even this cannot be written, one try is lost.
            with suppress(Transient), self.database.transaction() as connection:
                uncount_try(connection, instance_id, until, until if isinstance(error, NewerState) else iso(now))
            raise
        except Exception as error:
            metrics.timers.labels(self.database.application, "failed").inc()
            log.exception("timer_failed", extra={"instance_id": instance_id})
            if before + 1 >= TRIES:
                self._give_up(instance_id, before + 1, error)
            return False
        metrics.timers.labels(self.database.application, "fired").inc()
        return True

    def _fire(self, instance_id: str) -> None:
        with self.begin(Origin(iso(self.now()))) as work:
            self.engine_of(work).fire_timers(instance_id)
        if self.overruns:
            self.overruns.forget(instance_id)

    def _give_up(self, instance_id: str, tries: int, error: Exception | None) -> None:
        overrun = self.overruns.of(instance_id) if self.overruns else None
        if error is None:
            error = (
                over_budget(overrun, tries) if overrun else ExecutionFailed("its worker ended each time it was tried")
            )
        problem = (error if isinstance(error, Refused) else _bug(error)).problem()
        element = str(problem.get("element") or (overrun.element if overrun else "")) or None
        with self.database.transaction() as connection:
            made = Incidents(connection).open(instance_id, TIMER, element, problem, tries)
        if made:
            tell_incident(self.database.application, TIMER, instance_id, tries)


def _bug(error: Exception) -> ExecutionFailed:
    """Only operators see it."""
    return ExecutionFailed(words_of(error))


def words_of(error: Exception) -> str:
    """What an error is and says, at most a thousand characters."""
    try:
        words = str(error)
    except Exception:  # noqa: BLE001 - an error of application code may fail in saying what it is
        words = ""
    return f"{type(error).__name__}: {words}"[:MOST_WORDS]


def _pause_after(tries: int) -> timedelta:
    return PAUSES[tries] if tries < len(PAUSES) else AFTER_THE_LAST
