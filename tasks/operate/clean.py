"""Remove what is past its retention: in small lots with pauses, also under load, by one worker at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

from domain.aggregates.register import KINDS
from domain.errors import Transient
from domain.stop import Stop
from domain.values import iso
from observe import metrics
from settings import Retention
from store.messaging.dead_letters import QUEUES, DeadLetter, DeadLetters, Resend
from store.people.operator_acts import OperatorActs
from store.retention.documents import ViewCleaning
from store.retention.rows import CleanerLease, Cleaning
from store.sql.database import Database

log = logging.getLogger(__name__)

LOT = 1000
PAUSE_SECONDS = 0.1
SLICE_SECONDS = 50.0
LEASE_SECONDS = 120.0

Lot = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Cleaner:
    """Cleans one store, and the views, dead letters and acts of operators where it is given them."""

    database: Database
    views: ViewCleaning | None
    letters: DeadLetters | None
    retention: Retention
    lease: CleanerLease
    now: Callable[[], datetime]
    lot: int = LOT
    pause: float = PAUSE_SECONDS
    acts: OperatorActs | None = None

    def run(self, stop: Stop, seconds: float = SLICE_SECONDS) -> dict[str, int]:
        """Clean until nothing is left or the time is over; returns how much of what. What is away has to wait."""
        deadline = monotonic() + seconds
        removed: dict[str, int] = {}
        for name, remove in self._lots():
            try:
                for count in self._counts(remove, deadline, stop):
                    removed[name] = removed.get(name, 0) + count
            except Transient as error:
                log.warning("not_cleaned", extra={"what": name, "reason": str(error)})
        if any(removed.values()):
            log.info("cleaned", extra={"removed": removed})
        return removed

    def _counts(self, remove: Lot, deadline: float, stop: Stop) -> Iterator[int]:
        while not stop.is_set() and monotonic() < deadline and self.lease.take():
            count = remove()
            yield count
            if count < self.lot:
                return
            stop.wait(self.pause)

    def _lots(self) -> Iterator[tuple[str, Lot]]:
        kept, views, letters, lot = self.retention, self.views, self.letters, self.lot
        yield "inbox", lambda: self._rows(lambda rows: rows.inbox(kept.inbox, lot))
        yield "received", lambda: self._rows(lambda rows: rows.received(kept.received, lot))
        yield "unparked", lambda: self._rows(lambda rows: rows.unparked(kept.history, lot))
        if views is not None:
            for kind, remove, hours in of_views(views, kept):
                yield kind, lambda remove=remove, hours=hours: remove(self._before(hours), lot)  # type: ignore[misc]
        if (acts := self.acts) is not None:
            yield "operator acts", lambda: acts.forget(self._before(kept.history), lot)
        # To see how old they are, all have to be taken and put back: in days of retention an hour does not matter.
        if letters is not None and self.now().minute == 0:
            yield "dead letters", lambda: expire(letters, self._before(kept.dead), lot)

    def _rows(self, remove: Callable[[Cleaning], int]) -> int:
        with self.database.transaction() as connection:
            return remove(Cleaning(connection))

    def _before(self, hours: float) -> str:
        return iso(self.now() - timedelta(hours=hours))


def of_views(views: ViewCleaning, kept: Retention) -> Iterator[tuple[str, Callable[[str, int], int], float]]:
    """What of the views is not kept for ever: its collection, what removes a lot of it, and the hours it is kept."""
    for kind in KINDS.values():
        if kind.keep:
            yield kind.name, partial(views.over, kind), getattr(kept, kind.keep.hours)
        if kind.history:
            yield kind.history.collection, partial(views.history, kind), kept.history


def expire(letters: DeadLetters, before: str, limit: int) -> int:
    """Forget dead letters that died before this, as ISO-8601 UTC, at most so many; returns how many.

    A letter that does not say when it died stays.
    """
    chosen: list[DeadLetter] = []

    def decide(letter: DeadLetter) -> list[Resend] | None:
        if letter.died is None or letter.died >= before or len(chosen) == limit:
            return None
        chosen.append(letter)
        # Before it is gone: what is forgotten unseen would be lost.
        told = {"letter": letter.id, "queue": letter.queue, "origin": letter.origin, "died": letter.died}
        log.warning("dead_letter_expired", extra={**told, "reason": letter.reason})
        metrics.dead_letters_expired.inc()
        return []

    return sum(len(letters.drain(queue, decide)) for queue in QUEUES)
