"""Aggregates set aside because one event of theirs could not be published: looked at, retried, skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import ClassVar

from sqlalchemy import ColumnElement, Connection, case, delete, func, insert, select, tuple_, update

from domain.errors import Refused
from domain.identity import Key
from store.sql.schema import event, head, outbox, parked, unparked

MAX_LISTED = 1000
CHUNK = 300
RETRIED, SKIPPED = "retried", "skipped"


class NotParked(Refused):
    """Nothing like that is parked."""

    status: ClassVar[int] = 404
    slug: ClassVar[str] = "not-found"


@dataclass(frozen=True, slots=True)
class ParkedAggregate:
    """An aggregate that waits; `key` is its opaque id, `position` the row that cannot go, times are since 1970."""

    application: str
    aggregate: str
    id: str
    key: str
    position: int
    reason: str
    fingerprint: str
    attempts: int
    first_seen: float
    last_seen: float
    waiting: int


@dataclass(frozen=True, slots=True)
class ParkedSelection:
    """Which parked aggregates; what is None does not matter."""

    key: str | None = None
    application: str | None = None
    fingerprint: str | None = None
    until: float | None = None
    """Parked no later than this, in seconds since 1970."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL says it."""
        wanted = ((parked.c.key, self.key), (parked.c.application, self.application))
        every = (*wanted, (parked.c.fingerprint, self.fingerprint))
        equal = [column == value for column, value in every if value is not None]
        return equal if self.until is None else [*equal, parked.c.last_seen <= self.until]


class Parked:
    """The parked aggregates of one store; the caller owns the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, wanted: ParkedSelection, limit: int = MAX_LISTED) -> list[ParkedAggregate]:
        """What is parked, the longest first, with how many of its rows wait."""
        return self._found(wanted.conditions(), limit)

    def one(self, key: str) -> ParkedAggregate:
        """One parked aggregate by its opaque id; raises `NotParked`."""
        found = self.find(ParkedSelection(key=key))
        if not found:
            raise NotParked(f"no aggregate {key} is parked")
        return found[0]

    def count(self) -> int:
        """How many there are."""
        return int(self._connection.scalar(select(func.count()).select_from(parked)) or 0)

    def event(self, position: int) -> str | None:
        """The event that could not be published, as JSON."""
        return self._connection.scalar(select(event.c.body).where(event.c.position == position))

    def retry(self, wanted: ParkedSelection, operator: str, limit: int = CHUNK) -> list[ParkedAggregate]:
        """Let up to `limit` of them try again from the row that failed; returns which, none when nothing is left."""
        chosen = self._hold(wanted, limit)
        self._record(chosen, RETRIED, operator)
        self._release(chosen)
        return chosen

    def skip(self, key: str, operator: str) -> ParkedAggregate:
        """Never publish the row that failed, let the rest go on; the event stays in the log. Raises `NotParked`."""
        chosen = self._hold(ParkedSelection(key=key), 1)
        if not chosen:
            raise NotParked(f"no aggregate {key} is parked")
        self._record(chosen, SKIPPED, operator)
        self._connection.execute(delete(outbox).where(outbox.c.position == chosen[0].position))
        self._release(chosen)
        return chosen[0]

    def _found(self, conditions: Sequence[ColumnElement[bool]], limit: int) -> list[ParkedAggregate]:
        waits = outbox.c.parked & (outbox.c.key == parked.c.key)
        waiting = select(func.count()).select_from(outbox).where(waits).scalar_subquery()
        columns = [parked.c[name] for name in ParkedAggregate.__dataclass_fields__ if name != "waiting"]
        query = select(*columns, waiting).where(*conditions).order_by(parked.c.first_seen, parked.c.key)
        return [ParkedAggregate(*row) for row in self._connection.execute(query.limit(limit))]

    def _hold(self, wanted: ParkedSelection, limit: int) -> list[ParkedAggregate]:
        """Lock the heads in key order, as everybody does, then look again: another operator may have been faster."""
        chosen = self.find(wanted, limit)
        names = _names([_key(found) for found in chosen])
        identity = tuple_(head.c.application, head.c.aggregate, head.c.id)
        ordered = select(head.c.id).where(identity.in_(names)).order_by(head.c.application, head.c.aggregate, head.c.id)
        self._connection.execute(ordered.with_for_update()).all()
        still = parked.c.key.in_([found.key for found in chosen])
        return self._found([*wanted.conditions(), still], limit)

    def _release(self, chosen: Sequence[ParkedAggregate]) -> None:
        if not chosen:
            return
        keys, names = [found.key for found in chosen], _names([_key(found) for found in chosen])
        identity = tuple_(head.c.application, head.c.aggregate, head.c.id)
        self._connection.execute(update(head).where(identity.in_(names)).values(parked=False))
        waiting = outbox.c.parked & outbox.c.key.in_(keys)
        # The row that failed goes first and alone: nothing behind it may be confirmed before it.
        tried = case((outbox.c.position.in_([found.position for found in chosen]), 1), else_=0)
        again = {"parked": False, "attempts": tried, "not_before": None}
        self._connection.execute(update(outbox).where(waiting).values(**again))
        self._connection.execute(delete(parked).where(parked.c.key.in_(keys)))

    def _record(self, chosen: Sequence[ParkedAggregate], action: str, operator: str) -> None:
        positions = [found.position for found in chosen]
        query = select(event.c.position, event.c.event_id).where(event.c.position.in_(positions))
        ids: dict[int, str] = {row.position: row.event_id for row in self._connection.execute(query)}
        if chosen:
            rows = [_record_of(found, ids.get(found.position), action, operator) for found in chosen]
            self._connection.execute(insert(unparked), rows)


def _record_of(found: ParkedAggregate, event_id: str | None, action: str, operator: str) -> dict[str, object]:
    return {
        "key": found.key,
        "position": found.position,
        "event_id": event_id,
        "reason": found.reason,
        "action": action,
        "operator": operator,
        "first_seen": found.first_seen,
        "time": time(),
    }


def _key(found: ParkedAggregate) -> Key:
    return Key(found.application, found.aggregate, found.id)


def _names(keys: Sequence[Key]) -> list[tuple[str, str, str]]:
    return [(key.application, key.aggregate, key.id) for key in keys]
