"""The log in order, in bounded pages, skipping nothing that commits late."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, literal_column, select, text

from domain.errors import StoreUnavailable
from store.personal.subjects import send_with_keys
from store.sql.database import Database
from store.sql.schema import event

PAGE_ROWS = 1000
PAGE_BYTES = 8_000_000
PATIENCE_SECONDS = 90.0
_XID: Any = literal_column("event.xid")


@dataclass(frozen=True, slots=True, order=True)
class LogCursor:
    """How far somebody has read: writer and position. On SQLite, where only one writes at a time, the writer is 0."""

    xid: int = 0
    position: int = 0


@dataclass(frozen=True, slots=True)
class Logged:
    """One event as it stands in the log, its body with the keys to what is sealed in it."""

    cursor: LogCursor
    event_id: str
    application: str
    aggregate: str
    aggregate_id: str
    routing_key: str
    body: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of the log; nothing named means all of it."""

    application: str | None = None
    aggregates: Sequence[str] = ()
    from_position: int = 0


ALL = Selection()


class LogReader:
    """Reads one store's log. On PostgreSQL nothing is read before everything older has committed or rolled back."""

    def __init__(self, database: Database, selection: Selection = ALL, rows: int = PAGE_ROWS) -> None:
        self._database = database
        self._selection = selection
        self._rows = rows

    def count(self) -> int:
        """How many events there are to read."""
        with self._database.reading() as connection:
            return int(connection.scalar(self._selected(select(func.count()).select_from(event))) or 0)

    def page(self, after: LogCursor) -> list[Logged]:
        """The next events after the cursor, bounded in rows and bytes; empty when there are none to be read yet."""
        with self._database.reading() as connection:
            rows = connection.execution_options(yield_per=100).execute(self._query(after))
            page: list[Logged] = []
            size = 0
            for row in rows:
                page.append(_logged(tuple(row)))
                size += len(page[-1].body)
                if size >= PAGE_BYTES:
                    break
            rows.close()
            return send_with_keys(connection, page)

    def pages(self, after: LogCursor | None = None, patience: float = PATIENCE_SECONDS) -> Iterator[list[Logged]]:
        """Everything begun before now, waiting for what is still being written; raises `StoreUnavailable`."""
        cursor = after or LogCursor()
        goal, deadline = self._goal(), time.monotonic() + patience
        while True:
            passed = self._is_past(goal)
            page = self.page(cursor)
            if page:
                yield page
                cursor, deadline = page[-1].cursor, time.monotonic() + patience
            elif passed:
                return
            elif time.monotonic() > deadline:
                raise StoreUnavailable("a transaction that writes nothing holds up the reading of the log")
            else:
                time.sleep(0.05)

    def _query(self, after: LogCursor) -> Select[Any]:
        names = (event.c.event_id, event.c.application, event.c.aggregate, event.c.aggregate_id, event.c.routing_key)
        if self._database.is_sqlite:
            query = select(literal_column("0"), event.c.position, *names, event.c.body)
            query = query.where(event.c.position > after.position).order_by(event.c.position)
        else:
            query = select(cast(_XID, String), event.c.position, *names, event.c.body)
            query = query.where(text("event.xid < pg_snapshot_xmin(pg_current_snapshot())"))
            beyond = text("(event.xid, event.position) > (CAST(:xid AS xid8), :position)")
            query = query.where(beyond.bindparams(xid=str(after.xid), position=after.position))
            query = query.order_by(_XID, event.c.position)
        return self._selected(query).limit(self._rows)

    def _selected(self, query: Select[Any]) -> Select[Any]:
        wanted = self._selection
        if wanted.application is not None:
            query = query.where(event.c.application == wanted.application)
        if wanted.aggregates:
            query = query.where(event.c.aggregate.in_(wanted.aggregates))
        return query.where(event.c.position >= wanted.from_position) if wanted.from_position else query

    def _goal(self) -> int:
        """The first writer that has not begun yet."""
        return 0 if self._database.is_sqlite else self._snapshot("pg_snapshot_xmax")

    def _is_past(self, goal: int) -> bool:
        return self._database.is_sqlite or self._snapshot("pg_snapshot_xmin") >= goal

    def _snapshot(self, bound: str) -> int:
        with self._database.reading() as connection:
            return _number(connection, f"SELECT CAST({bound}(pg_current_snapshot()) AS text)")


def _logged(row: tuple[Any, ...]) -> Logged:
    return Logged(LogCursor(int(row[0]), row[1]), *row[2:])


def _number(connection: Connection, statement: str) -> int:
    return int(connection.execute(text(statement)).scalar_one())
