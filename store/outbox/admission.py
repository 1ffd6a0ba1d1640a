"""When so much waits to be published that nothing new should be begun."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from sqlalchemy import Connection, func, literal, select

from domain.errors import Transient
from store.sql.schema import outbox

OUTBOX_LIMIT = 200_000
SAMPLE_SECONDS = 5.0


class OutboxFull(Transient):
    """Too many events wait to be published; the message broker may be away."""


class OutboxGauge:
    """How full a store's outbox is: looked at every few seconds, and only when somebody begins something new."""

    def __init__(
        self, limit: int = OUTBOX_LIMIT, seconds: float = SAMPLE_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._full = False
        self._next_look = float("-inf")

    def admit(self, connection: Connection) -> None:
        """Raise `OutboxFull` when there is more than the limit, as of a few seconds ago."""
        now = self._clock()
        if now >= self._next_look:
            self._next_look = now + self._seconds
            self._full = self._is_full(connection)
        if self._full:
            raise OutboxFull(f"more than {self._limit} events wait to be published; the message broker may be away")

    def _is_full(self, connection: Connection) -> bool:
        # Counted no further than it matters: what is far beyond the limit costs no more than the limit does.
        some = select(literal(1)).select_from(outbox).where(~outbox.c.parked).limit(self._limit + 1).subquery()
        return int(connection.scalar(select(func.count()).select_from(some)) or 0) > self._limit
