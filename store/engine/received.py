"""Records from outside engines, durable before they are acknowledged, applied in order afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time
from typing import Any

import orjson
from sqlalchemy import Connection, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from store.sql.bulk import one_of
from store.sql.schema import received, setting

NEW, DONE, QUARANTINED = "new", "done", "quarantined"
_DRAIN = "collect"


@dataclass(frozen=True, slots=True)
class ReceivedRecord:
    """One record waiting to be applied."""

    position: int
    application: str
    record: Mapping[str, Any]


class Received:
    """The records of one store; the caller owns the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, application: str, records: Sequence[Mapping[str, Any]]) -> int:
        """Keep what is new by its id; returns how many that were, in the order given."""
        insert = sqlite.insert if self._connection.dialect.name == "sqlite" else postgresql.insert
        fresh = insert(received).on_conflict_do_nothing().returning(received.c.record_id)
        rows = [_row(application, record) for record in records]
        return len(self._connection.execute(fresh, rows).all()) if rows else 0

    def next(self, limit: int) -> list[ReceivedRecord]:
        """The oldest records not applied yet; one drainer at a time, so that order is kept."""
        self._connection.execute(select(setting.c.value).where(setting.c.name == _DRAIN).with_for_update())
        columns = (received.c.position, received.c.application, received.c.body)
        # Spelt out, not bound: with a parameter neither database can tell that the partial index serves.
        is_new = received.c.state == literal_column(f"'{NEW}'")
        waiting = select(*columns).where(is_new).order_by(received.c.position).limit(limit)
        return [ReceivedRecord(row[0], row[1], orjson.loads(row[2])) for row in self._connection.execute(waiting)]

    def done(self, records: Sequence[ReceivedRecord]) -> None:
        """These have had their effect."""
        positions = [record.position for record in records]
        these = one_of(self._connection.dialect, received.c.position, positions)
        self._connection.execute(update(received).where(these).values(state=DONE))

    def quarantine(self, record: ReceivedRecord, problem: str) -> None:
        """Set one aside that cannot be applied; the others go on."""
        one = received.c.position == record.position
        self._connection.execute(update(received).where(one).values(state=QUARANTINED, problem=problem))


def _row(application: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "application": application,
        "record_id": record["id"],
        "subject": str(record.get("subject") or ""),
        "body": orjson.dumps(record).decode(),
        "time": time(),
        "state": NEW,
    }


def prepare_received(connection: Connection) -> None:
    """Make the row that drainers lock."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(setting).values(name=_DRAIN, value="").on_conflict_do_nothing())
