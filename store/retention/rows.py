"""Rows that have served their time, removed a bounded number at once by the one who is elected to."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, delete, literal_column, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from store.engine.received import DONE
from store.sql.database import Database, clock
from store.sql.schema import inbox, received, setting, unparked

_CLEANER = "cleaner"


class Cleaning:
    """The rows of one store that nobody needs any more; the caller owns the transaction. Nothing unsent is touched."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def inbox(self, hours: float, limit: int) -> int:
        """Forget messages handled longer ago than this; returns how many."""
        before = clock(self._connection) - hours * 3600
        name = (inbox.c.consumer, inbox.c.message_id)
        old = select(*name).where(inbox.c.received < before).order_by(inbox.c.received).limit(limit)
        return self._connection.execute(delete(inbox).where(tuple_(*name).in_(old))).rowcount

    def received(self, hours: float, limit: int) -> int:
        """Forget records applied that came longer ago than this; those in quarantine stay. Returns how many."""
        before = clock(self._connection) - hours * 3600
        # Spelt out, not bound: with a parameter neither database can tell that the partial index serves.
        done = (received.c.state == literal_column(f"'{DONE}'")) & (received.c.time < before)
        old = select(received.c.position).where(done).order_by(received.c.time).limit(limit)
        return self._connection.execute(delete(received).where(received.c.position.in_(old))).rowcount

    def unparked(self, hours: float, limit: int) -> int:
        """Forget what operators did about parked aggregates longer ago than this; returns how many."""
        before = clock(self._connection) - hours * 3600
        # The numbers are in the order of time: only the first are looked at, however many there are.
        first = select(unparked.c.number, unparked.c.time).order_by(unparked.c.number).limit(limit).subquery()
        old = select(first.c.number).where(first.c.time < before)
        return self._connection.execute(delete(unparked).where(unparked.c.number.in_(old))).rowcount


@dataclass(frozen=True, slots=True)
class CleanerLease:
    """Who cleans a store: one at a time, until the lease passes."""

    database: Database
    owner: str
    seconds: float

    def take(self) -> bool:
        """Take or renew it; false when somebody else has it."""
        with self.database.transaction() as connection:
            insert = sqlite.insert if self.database.is_sqlite else postgresql.insert
            connection.execute(insert(setting).values(name=_CLEANER, value="").on_conflict_do_nothing())
            mine = setting.c.name == _CLEANER
            held = connection.scalar(select(setting.c.value).where(mine).with_for_update())
            owner, until = orjson.loads(held) if held else (None, 0.0)
            now = clock(connection)
            if owner != self.owner and until > now:
                return False
            lease = orjson.dumps([self.owner, now + self.seconds]).decode()
            connection.execute(update(setting).where(mine).values(value=lease))
        return True
