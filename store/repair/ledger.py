"""The heads of one store beside what its log has of them, in key order and bounded pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_

from domain.drift import Entry, Version
from domain.events.upcast import upcast_state
from domain.identity import Key
from store.events.log_reader import LogCursor, Logged
from store.personal.subjects import send_with_keys
from store.sql.database import Database
from store.sql.schema import event, head

PAGE_ROWS = 500
PAGE_BYTES = 8_000_000
CHUNK = 200
EVENTS = 100
VERSIONS = 1000
_KEY = (head.c.application, head.c.aggregate, head.c.id)
_EVENT_KEY = (event.c.application, event.c.aggregate, event.c.aggregate_id)
_SAME = and_(*(one == other for one, other in zip(_EVENT_KEY, _KEY, strict=True)))
_NEWEST = and_(_SAME, event.c.generation == head.c.generation, event.c.revision == head.c.revision)


class Ledger:
    """Reads one store; it holds nothing between calls and locks nothing."""

    def __init__(self, database: Database, rows: int = PAGE_ROWS) -> None:
        self.database = database
        self._rows = rows

    def count(self) -> int:
        """How many heads there are."""
        with self.database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(head)) or 0)

    def pages(self) -> Iterator[list[Entry]]:
        """All of them, in key order, a page at a time."""
        after: Key | None = None
        while page := self._page(after):
            yield page
            after = page[-1].key

    def versions(self) -> Iterator[list[tuple[Key, Version]]]:
        """What every head says of how new it is, in key order, a page at a time."""
        after: Key | None = None
        while page := self._versions(after):
            yield page
            after = page[-1][0]

    def entries(self, keys: Sequence[Key]) -> dict[Key, Entry]:
        """These, as far as there are heads for them."""
        found = []
        with self.database.reading() as connection:
            for start in range(0, len(keys), CHUNK):
                wanted = _entries().where(_among(keys[start : start + CHUNK]))
                found += send_with_keys(connection, [_entry(tuple(row)) for row in connection.execute(wanted)])
        return {entry.key: entry for entry in found}

    def known(self, keys: Sequence[Key]) -> set[Key]:
        """Those of these that there are heads for."""
        found = set()
        with self.database.reading() as connection:
            for start in range(0, len(keys), CHUNK):
                rows = connection.execute(select(*_KEY).where(_among(keys[start : start + CHUNK])))
                found |= {Key(*row) for row in rows}
        return found

    def has(self, application: str) -> bool:
        """Whether this store knows anything of the application."""
        with self.database.reading() as connection:
            return bool(connection.scalar(select(exists().where(head.c.application == application))))

    def headless(self, limit: int = 1000) -> list[Key]:
        """Aggregates that have events but no head, at most so many."""
        without = select(*_EVENT_KEY).distinct().where(~exists().where(_SAME)).order_by(*_EVENT_KEY).limit(limit)
        with self.database.reading() as connection:
            return [Key(*row) for row in connection.execute(without)]

    def events(self, keys: Sequence[Key], *, newest: bool) -> Iterator[list[Logged]]:
        """The newest events of these aggregates, or all of them."""
        names = (event.c.position, event.c.event_id, *_EVENT_KEY, event.c.routing_key, event.c.body)
        query = select(*names).join(head, _NEWEST if newest else _SAME).order_by(event.c.position).limit(EVENTS)
        for start in range(0, len(keys), CHUNK):
            mine = query.where(_among(keys[start : start + CHUNK]))
            after = 0
            while page := self._events(mine.where(event.c.position > after)):
                yield page
                after = page[-1].cursor.position

    def _events(self, query: Select[Any]) -> list[Logged]:
        with self.database.reading() as connection:
            return send_with_keys(connection, [_logged(tuple(row)) for row in connection.execute(query)])

    def _versions(self, after: Key | None) -> list[tuple[Key, Version]]:
        query = select(*_KEY, head.c.generation, head.c.revision).order_by(*_KEY).limit(VERSIONS)
        if after is not None:
            query = query.where(tuple_(*_KEY) > tuple_(after.application, after.aggregate, after.id))
        with self.database.reading() as connection:
            return [(Key(*row[:3]), (row[3], row[4])) for row in connection.execute(query)]

    def _page(self, after: Key | None) -> list[Entry]:
        query = _entries().order_by(*_KEY).limit(self._rows)
        if after is not None:
            query = query.where(tuple_(*_KEY) > tuple_(after.application, after.aggregate, after.id))
        with self.database.reading() as connection:
            return _bounded(connection, query)


def _bounded(connection: Connection, query: Select[Any]) -> list[Entry]:
    rows = connection.execution_options(yield_per=100).execute(query)
    page: list[Entry] = []
    size = 0
    for row in rows:
        page.append(_entry(tuple(row)))
        size += len(page[-1].body or "")
        if size >= PAGE_BYTES:
            break
    rows.close()
    return send_with_keys(connection, page)


def _entries() -> Select[Any]:
    def of_log(value: Any) -> Any:
        return select(value).where(_SAME).correlate(head).scalar_subquery()

    newest = select(event.c.body).where(_NEWEST).correlate(head).scalar_subquery()
    revision = event.c.revision
    ends = (of_log(func.count(revision.distinct())), of_log(func.min(revision)), of_log(func.max(revision)))
    return select(*_KEY, head.c.generation, head.c.revision, head.c.state, head.c.version, head.c.parked, newest, *ends)


def _entry(row: tuple[Any, ...]) -> Entry:
    application, aggregate, name, generation, revision, state, version, parked, body, revisions, first, last = row
    key = Key(application, aggregate, name)
    whole = upcast_state(aggregate, version, orjson.loads(state))
    return Entry(key, generation, revision, whole, bool(parked), body, revisions, first or 0, last or 0)


def _logged(row: tuple[Any, ...]) -> Logged:
    return Logged(LogCursor(0, row[0]), *row[1:])


def _among(keys: Sequence[Key]) -> ColumnElement[bool]:
    # One list of ids per kind of aggregate: PostgreSQL plans a list of triples as a scan of the whole table.
    ids: dict[tuple[str, str], list[str]] = {}
    for key in keys:
        ids.setdefault((key.application, key.aggregate), []).append(key.id)
    application, aggregate, name = _KEY
    return or_(*(and_(application == one, aggregate == other, name.in_(ids[one, other])) for one, other in ids))
