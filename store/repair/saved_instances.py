"""Process instances as their engine saved them, read in bounded pages without locking any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from store.sql.database import Database
from store.sql.schema import instance

PAGE_ROWS = 100
STATES_AT_ONCE = 10
"""Of those that are asked for by name: each may be a megabyte, and so may what is asked of it."""
_RUNNING = ~instance.c.finished & instance.c.root_id.is_(None)
"""Those that were called are saved with others."""


@dataclass(frozen=True, slots=True)
class SavedInstance:
    """What the engine keeps of one instance."""

    instance_id: str
    state: str
    finished: bool


class SavedInstances:
    """One store's instances."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self) -> int:
        """How many still run."""
        with self._database.reading() as connection:
            return int(connection.scalar(select(func.count()).select_from(instance).where(_RUNNING)) or 0)

    def ids(self, after: str = "") -> Iterator[list[str]]:
        """The ids of all that still run, in order, a page at a time; those behind `after`."""
        running = select(instance.c.instance_id).where(_RUNNING).order_by(instance.c.instance_id).limit(PAGE_ROWS)
        while page := self._scalars(running.where(instance.c.instance_id > after)):
            yield page
            after = page[-1]

    def unfinished(self, after: str = "") -> Iterator[list[SavedInstance]]:
        """All that still run, a page at a time, by id; those behind `after`."""
        running = _instances().where(_RUNNING).order_by(instance.c.instance_id).limit(PAGE_ROWS)
        while page := self._read(running.where(instance.c.instance_id > after)):
            yield page
            after = page[-1].instance_id

    def named(self, ids: Sequence[str]) -> Iterator[SavedInstance]:
        """Those of these that there are."""
        for start in range(0, len(ids), STATES_AT_ONCE):
            yield from self._read(_instances().where(instance.c.instance_id.in_(ids[start : start + STATES_AT_ONCE])))

    def _scalars(self, query: Select[tuple[str]]) -> list[str]:
        with self._database.reading() as connection:
            return list(connection.scalars(query))

    def _read(self, query: Select[Any]) -> list[SavedInstance]:
        with self._database.reading() as connection:
            return [SavedInstance(row[0], row[1], bool(row[2])) for row in connection.execute(query)]


def _instances() -> Select[Any]:
    root = instance.alias("root")
    state = func.coalesce(root.c.state, instance.c.state)
    saved = instance.outerjoin(root, root.c.instance_id == instance.c.root_id)
    return select(instance.c.instance_id, state, instance.c.finished).select_from(saved)
