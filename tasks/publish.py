"""Ship the outbox: whole windows, confirmed, in order, for as long as the slice lasts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Protocol

import orjson

from domain.errors import BrokerUnavailable, StoreUnavailable
from domain.stop import Stop
from observe import metrics
from observe.logs import trace_id
from observe.retrying import retry
from store.messaging.exchange import ChannelClosed
from store.messaging.window import Verdicts
from store.outbox.lanes import Leases
from store.outbox.outbox import Outbox, OutboxRow
from store.sql.database import Database
from store.sql.errors import ConcurrentUpdate

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
MAX_ATTEMPTS = 8
MAX_DELAY_SECONDS = 30.0
MAX_BACKOFF_SECONDS = 5.0
FEW_ROWS, SEVERAL_ROWS = 100, 6
REST_SECONDS = 0.02
"""Busy with several commits at a time, a publisher rests as long as they took: ten cost a window as much as one does.

Where every window finds one commit, a rest would only keep the next waiting.
"""
FRUITLESS_SECONDS = 60.0
"""After so long without a window that went well, or none that was due, a publisher no longer counts as working."""
FORGET_ATTEMPTS = 3
"""How often the database is asked to forget what was confirmed, before all of it is sent again."""


class Outgoing(Protocol):
    """Where a window goes."""

    def publish(self, rows: Sequence[OutboxRow]) -> Verdicts:
        """Send and await confirms; raises `BrokerUnavailable` and `ChannelClosed`."""


class Waiting(Protocol):
    """What wakes an idle publisher."""

    def wait(self, seconds: float, stop: Stop) -> None:
        """Return when there may be something to do."""


@dataclass(slots=True)
class Publisher:
    """Ships one application's outbox. Several may run; leases keep them out of each other's lanes."""

    database: Database
    exchange: Outgoing
    leases: Leases
    wakeups: Waiting
    alive: Callable[[], None] = lambda: None
    """Called at every turn: who watches can see that it works, has stopped, or only tries again."""
    max_attempts: int = MAX_ATTEMPTS
    _next_heartbeat: float = 0.0
    _went_well: float = field(default_factory=monotonic)
    _backoff: float = field(default=0.0)
    _looked_at: float = 0.0

    def run(self, seconds: float, stop: Stop) -> int:
        """Publish until the slice is over or `stop` is set; returns how many rows were confirmed."""
        deadline = monotonic() + seconds
        shipped = 0
        while not stop.is_set() and monotonic() < deadline:
            self.show_life()
            began = monotonic()
            try:
                sent = self.ship()
            except (BrokerUnavailable, StoreUnavailable, ConcurrentUpdate) as error:
                self._back_off(error, stop)
                continue
            self._backoff, self._went_well = 0.0, monotonic()
            shipped += sent
            busy, self._looked_at = began - self._looked_at < REST_SECONDS, monotonic()
            if not sent:
                # The next heartbeat finds us idle: what wakes us then need not wait until the leases are renewed.
                until = min(deadline, self._next_heartbeat)
                self.wakeups.wait(min(IDLE_SECONDS, max(until - monotonic(), 0.0)), stop)
            elif busy and SEVERAL_ROWS <= sent < FEW_ROWS:
                stop.wait(min(monotonic() - began, REST_SECONDS))
        return shipped

    def show_life(self) -> None:
        """Show that it works; not when it has only tried again for long, whatever the reason."""
        if monotonic() - self._went_well < FRUITLESS_SECONDS:
            self.alive()

    def keep_leases(self) -> None:
        """Called while a window waits for its confirms: renew the leases when it is time, and show that it works."""
        if self.leases.keep():
            self.show_life()

    def ship(self) -> int:
        """Publish one window; returns how many rows were confirmed and forgotten."""
        if monotonic() >= self._next_heartbeat:
            self.leases.refresh()
            self._next_heartbeat = monotonic() + self.leases.heartbeat_seconds
        began = monotonic()
        with self.database.reading() as connection:
            rows = Outbox(connection, self.leases.held).due()
        window = _hold_back_after_failures(rows)
        if not window:
            return 0
        shipped = self._apply_verdicts(window, self._publish(window))
        metrics.window_seconds.labels(self.database.application).observe(monotonic() - began)
        return shipped

    def _publish(self, window: Sequence[OutboxRow]) -> Verdicts:
        try:
            return self.exchange.publish(window)
        except ChannelClosed as error:
            if len(window) == 1:
                return Verdicts(failed={0: f"channel closed: {error}"})
        # A message the broker will not take closes the channel for all of them: halve until it stands alone.
        middle = len(window) // 2
        first = self._publish(window[:middle])
        if len(first.confirmed) < middle:
            # What failed, or was left for the next window, may have successors in the other half.
            return first
        second = self._publish(window[middle:])
        return Verdicts(
            first.confirmed | {index + middle for index in second.confirmed},
            {index + middle: reason for index, reason in second.failed.items()},
        )

    def _apply_verdicts(self, window: Sequence[OutboxRow], verdicts: Verdicts) -> int:
        failed = {window[index].key: index for index in sorted(verdicts.failed, reverse=True)}
        # What was confirmed behind a failed row of the same aggregate is sent again after it.
        done = [window[i] for i in sorted(verdicts.confirmed) if i < failed.get(window[i].key, len(window))]
        refused = [(window[index], verdicts.failed[index]) for index in failed.values()]
        deleted = _insist(partial(self._forget, done, refused))
        self._record_metrics(window, done, deleted, verdicts)
        return deleted

    def _forget(self, done: Sequence[OutboxRow], refused: Sequence[tuple[OutboxRow, str]]) -> int:
        with self.database.transaction() as connection:
            outbox = Outbox(connection, self.leases.held)
            deleted = outbox.delete(done)
            for row, reason in refused:
                self._fail(outbox, row, reason)
        return deleted

    def _record_metrics(
        self, window: Sequence[OutboxRow], done: Sequence[OutboxRow], deleted: int, verdicts: Verdicts
    ) -> None:
        store = self.database.application
        metrics.window_rows.labels(store).observe(len(window))
        metrics.published.labels(store).inc(deleted)
        metrics.fenced.labels(store).inc(len(done) - deleted)
        metrics.count_failures(store, verdicts.failed.values())
        outcomes = [row for row in done if row.routing_key.startswith("command.")]
        if outcomes and log.isEnabledFor(logging.INFO):
            log.info("outcomes_published", extra={"store": store, "trace_ids": [_trace_of(row) for row in outcomes]})

    def _fail(self, outbox: Outbox, row: OutboxRow, reason: str) -> None:
        delay = min(0.25 * 2**row.attempts, MAX_DELAY_SECONDS)
        if outbox.charge(row, delay) >= self.max_attempts:
            outbox.park(row, reason)
            metrics.aggregates_parked.labels(self.database.application).inc()
            log.error("aggregate_parked", extra=_about(row, reason))
        else:
            log.warning("event_not_published", extra=_about(row, reason))

    def _back_off(self, error: Exception, stop: Stop) -> None:
        if not self._backoff:
            log.warning("publisher_waits", extra={"reason": str(error)})
        metrics.backoffs.labels(self.database.application, type(error).__name__).inc()
        self._backoff = min(max(self._backoff * 2, 0.1), MAX_BACKOFF_SECONDS)
        self._next_heartbeat = 0.0
        stop.wait(self._backoff)


def _insist(forget: Callable[[], int]) -> int:
    """Ask a busy database again: a publisher waits for a lock only as long as it can afford to with a lease."""
    return retry(
        forget,
        on=(StoreUnavailable, ConcurrentUpdate),
        pause=0.0,
        attempts=FORGET_ATTEMPTS,
        failed=lambda error: log.warning("confirmed_not_forgotten", extra={"reason": str(error)}),
    )


def _about(row: OutboxRow, reason: str) -> dict[str, str]:
    return {"key": row.key, "event_id": row.event_id, "reason": reason}


def _trace_of(row: OutboxRow) -> str | None:
    try:
        return trace_id(orjson.loads(row.body).get("traceparent"))
    except (ValueError, AttributeError):
        return None


def _hold_back_after_failures(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """The window without what stands behind a row that has failed before: such an aggregate goes one row at a time."""
    shaky: set[str] = set()
    window = []
    for row in rows:
        if row.key not in shaky:
            window.append(row)
        if row.attempts:
            shaky.add(row.key)
    return window
