"""One SQL transaction with its collector: what engines and people did becomes events, or never happened."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.aggregates.accumulate import Said, accumulate
from domain.aggregates.advance import Origin, advance, restate
from domain.errors import ExecutionFailed
from domain.events.envelope import Envelope
from domain.identity import Key
from domain.values import iso
from observe.metrics import count_events
from store.events.event_log import EventLog
from store.events.heads import Heads
from store.events.inbox import Inbox
from store.outbox.admission import OutboxGauge
from store.sql.database import Database, translated

log = logging.getLogger(__name__)


class Participant(Protocol):
    """Something that holds unsaved state in memory while the transaction is open: an engine."""

    def touched(self) -> frozenset[str]:
        """What it holds now."""

    def flush(self) -> None:
        """Write everything held to the transaction."""

    def forget(self, names: frozenset[str], /) -> None:
        """Drop these unsaved."""


class UnitOfWork:
    """Commits whole or not at all. Open one with `Store.begin`."""

    def __init__(self, connection: Connection, origin: Origin, gauge: OutboxGauge) -> None:
        self.connection = connection
        self._gauge = gauge
        self.origin = origin
        self.inbox = Inbox(connection)
        self.heads = Heads(connection)
        self._log = EventLog(connection)
        self._said: list[Said] = []
        self._doers: dict[Key, str] = {}
        self._participants: list[Participant] = []
        self._session: Session | None = None
        self.events: list[Envelope] = []
        self.engines: dict[str, Any] = {}
        self.subjects: dict[str, Any] = {}

    @property
    def session(self) -> Session:
        """The application's own tables, in the same transaction; its commit and rollback reach only a savepoint."""
        if self._session is None:
            self._session = Session(self.connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        return self._session

    def admit(self) -> None:
        """Ask before beginning something new; raises `OutboxFull` when too much waits to be published."""
        self._gauge.admit(self.connection)

    def join(self, participant: Participant) -> None:
        """Have the participant flushed before events are decided, and told of savepoints that roll back."""
        self._participants.append(participant)

    def collect(self, key: Key, command: Any) -> None:
        """Remember that this was said; nothing is decided or written yet."""
        self._said.append((key, command))

    def done_by(self, user: str, *keys: Key) -> None:
        """What happens to these in here is this user's doing; what an engine makes of it elsewhere is its own."""
        self._doers.update(dict.fromkeys(keys, user))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that may fail alone: what was collected in it is dropped and what it touched is forgotten."""
        self._flush()
        # The session's own savepoint must not span ours, nor be left within it: ending one ends those inside.
        self._commit_session()
        said, decided = list(self._said), len(self.events)
        try:
            with translated(), self.connection.begin_nested():
                try:
                    yield
                    self._flush()
                    self._commit_session()
                except BaseException:
                    if self._session is not None:
                        self._session.rollback()
                    raise
        except BaseException:
            self._said = said
            del self.events[decided:]
            self.heads.forget()
            for participant in self._participants:
                participant.forget(participant.touched())
            raise

    @contextmanager
    def application_code(self) -> Iterator[None]:
        """What its own tables refuse is a failure of the application, `ExecutionFailed`, and not worth another try."""
        try:
            yield
            if self._session is not None:
                self._session.flush()
        except IntegrityError as error:
            # What it says may quote values: for the log, not for people.
            log.warning("own_table_refused", extra={"reason": str(error.orig)})
            raise ExecutionFailed("a table of the application refuses what the step writes") from error

    def decide_and_write(self) -> list[Envelope]:
        """Decide what was collected so far, write heads, events and outbox rows, and return the events."""
        self._flush()
        said, self._said = self._said, []
        if not said:
            return []
        before = self.heads.lock(key for key, _ in said)
        work = accumulate(said, {key for key, head in before.items() if head.revision})
        results = [advance(before[key], commands, self._origin_of(key)) for key, commands in work]
        self.heads.save(before, [after for after, events in results if events])
        envelopes = [envelope for _, events in results for envelope in events]
        self._log.append(envelopes, self.heads.parked)
        self.events += envelopes
        return envelopes

    def restate(self, keys: Iterable[Key]) -> list[Envelope]:
        """Say the newest state of these again in the log's generation, so that readers who know more believe it."""
        before = self.heads.lock(keys)
        told = [restate(head, self.heads.generation, self.origin) for head in before.values() if head.revision]
        self.heads.save(before, [after for after, _ in told])
        envelopes = [envelope for _, envelope in told]
        self._log.append(envelopes, self.heads.parked)
        self.events += envelopes
        return envelopes

    def close(self) -> None:
        """Write what the application's session still holds and let go of it."""
        self._commit_session()
        if self._session is not None:
            self._session.close()

    def _origin_of(self, key: Key) -> Origin:
        return replace(self.origin, by=self._doers[key]) if key in self._doers else self.origin

    def _commit_session(self) -> None:
        if self._session is not None:
            self._session.commit()

    def _flush(self) -> None:
        for participant in self._participants:
            participant.flush()


@dataclass(frozen=True, slots=True)
class Store:
    """One application's memory; `committed` is called after each commit that wrote events, as a hint."""

    database: Database
    committed: Callable[[], None] = lambda: None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    gauge: OutboxGauge = field(default_factory=OutboxGauge)

    @contextmanager
    def begin(self, origin: Origin | None = None) -> Iterator[UnitOfWork]:
        """A unit of work; raises `Transient`, `Refused` or `InvalidValue`, and then nothing is written."""
        with self.database.transaction() as connection:
            work = UnitOfWork(connection, origin or Origin(iso(self.now())), self.gauge)
            yield work
            work.close()
            work.decide_and_write()
        if work.events:
            count_events(work.events)
            self.committed()
