"""Ship the outbox: whole windows, confirmed, in order, for as long as the slice lasts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from typing import Protocol

from domain.errors import BrokerUnavailable, StoreUnavailable
from store.database import Database
from store.errors import ConcurrentUpdate
from store.exchange import ChannelClosed, Verdicts
from store.lanes import Leases
from store.outbox import Outbox, OutboxRow

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 2.0
IDLE_SECONDS = 1.0
MAX_ATTEMPTS = 8
MAX_DELAY_SECONDS = 30.0
MAX_BACKOFF_SECONDS = 5.0


class Outgoing(Protocol):
    """Where a window goes."""

    def publish(self, rows: Sequence[OutboxRow]) -> Verdicts:
        """Send and await confirms; raises `BrokerUnavailable` and `ChannelClosed`."""


class Waiting(Protocol):
    """What wakes an idle publisher."""

    def wait(self, seconds: float, stop: Event) -> None:
        """Return when there may be something to do."""


@dataclass(slots=True)
class Publisher:
    """Ships one application's outbox. Several may run; leases keep them out of each other's lanes."""

    database: Database
    exchange: Outgoing
    leases: Leases
    wakeups: Waiting
    max_attempts: int = MAX_ATTEMPTS
    _next_heartbeat: float = 0.0
    _backoff: float = field(default=0.0)

    def run(self, seconds: float, stop: Event) -> int:
        """Publish until the slice is over or `stop` is set; returns how many rows were confirmed."""
        deadline = monotonic() + seconds
        shipped = 0
        while not stop.is_set() and monotonic() < deadline:
            try:
                sent = self.ship()
            except (BrokerUnavailable, StoreUnavailable, ConcurrentUpdate) as error:
                self._back_off(error, stop)
                continue
            self._backoff = 0.0
            shipped += sent
            if not sent:
                self.wakeups.wait(min(IDLE_SECONDS, max(deadline - monotonic(), 0.0)), stop)
        return shipped

    def ship(self) -> int:
        """Publish one window; returns how many rows were confirmed and forgotten."""
        if monotonic() >= self._next_heartbeat:
            self.leases.refresh()
            self._next_heartbeat = monotonic() + HEARTBEAT_SECONDS
        with self.database.reading() as connection:
            rows = Outbox(connection, self.leases.held).due()
        window = _careful(rows)
        return self._conclude(window, self._publish(window)) if window else 0

    def _publish(self, window: Sequence[OutboxRow]) -> Verdicts:
        try:
            return self.exchange.publish(window)
        except ChannelClosed as error:
            if len(window) == 1:
                return Verdicts(failed={0: f"channel closed: {error}"})
        # A message the broker will not take closes the channel for all of them: halve until it stands alone.
        middle = len(window) // 2
        first = self._publish(window[:middle])
        if first.failed:
            return first
        second = self._publish(window[middle:])
        return Verdicts(
            first.confirmed | {index + middle for index in second.confirmed},
            {index + middle: reason for index, reason in second.failed.items()},
        )

    def _conclude(self, window: Sequence[OutboxRow], verdicts: Verdicts) -> int:
        failed = {window[index].key: index for index in sorted(verdicts.failed, reverse=True)}
        # What was confirmed behind a failed row of the same aggregate is sent again after it.
        done = [window[i] for i in sorted(verdicts.confirmed) if i < failed.get(window[i].key, len(window))]
        with self.database.transaction() as connection:
            outbox = Outbox(connection, self.leases.held)
            deleted = outbox.delete(done)
            for index in failed.values():
                self._fail(outbox, window[index], verdicts.failed[index])
        if done or failed:
            log.debug("outbox_published count=%d failed=%d", deleted, len(failed))
        return deleted

    def _fail(self, outbox: Outbox, row: OutboxRow, reason: str) -> None:
        delay = min(0.25 * 2**row.attempts, MAX_DELAY_SECONDS)
        if outbox.charge(row, delay) >= self.max_attempts:
            outbox.park(row, reason)
            log.error("aggregate_parked key=%s event_id=%s reason=%s", row.key, row.event_id, reason)
        else:
            log.warning("event_not_published key=%s event_id=%s reason=%s", row.key, row.event_id, reason)

    def _back_off(self, error: Exception, stop: Event) -> None:
        if not self._backoff:
            log.warning("publisher_waits reason=%s", error)
        self._backoff = min(max(self._backoff * 2, 0.1), MAX_BACKOFF_SECONDS)
        self._next_heartbeat = 0.0
        stop.wait(self._backoff)


def _careful(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The window without what stands behind a row that has failed before: such an aggregate goes one row at a time."""
    shaky: set[str] = set()
    window = []
    for row in rows:
        if row.key not in shaky:
            window.append(row)
        if row.attempts:
            shaky.add(row.key)
    return window
