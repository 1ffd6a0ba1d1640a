"""Where something of a person is kept in one store, found by reading all of it: nobody keeps a list of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, select, tuple_

from domain.identity import Key
from domain.personal import MARK
from store.sql.database import Database
from store.sql.schema import definition, head, instance

PAGE = 100


class Holders:
    """Of one application."""

    def __init__(self, database: Database, application: str) -> None:
        self._database = database
        self._application = application

    def heads(self, key_id: str) -> Iterator[list[Key]]:
        """Aggregates whose newest state has something sealed with this key, in pages, in key order."""
        mine = (head.c.application == self._application) & head.c.state.contains(f"{MARK}{key_id}.", autoescape=True)
        wanted = select(head.c.aggregate, head.c.id).where(mine).order_by(head.c.aggregate, head.c.id).limit(PAGE)
        after: tuple[str, str] | None = None
        while True:
            query = wanted if after is None else wanted.where(tuple_(head.c.aggregate, head.c.id) > after)
            with self._database.reading() as connection:
                found = [(row[0], row[1]) for row in connection.execute(query)]
            if not found:
                return
            yield [Key(self._application, *names) for names in found]
            after = found[-1]

    def instance(self, instance_id: str) -> Iterator[list[tuple[str, str]]]:
        """One, by its id."""
        with self._database.reading() as connection:
            query = self._instances().where(instance.c.instance_id == instance_id)
            yield [(row[0], row[1]) for row in connection.execute(query)]

    def instances(self, text: str) -> Iterator[list[tuple[str, str]]]:
        """Ids and process keys of instances in whose saved state the text is, in pages, by id."""
        wanted = self._instances().where(instance.c.state.contains(text, autoescape=True))
        wanted = wanted.order_by(instance.c.instance_id).limit(PAGE)
        after = ""
        while True:
            with self._database.reading() as connection:
                found = [(row[0], row[1]) for row in connection.execute(wanted.where(instance.c.instance_id > after))]
            if not found:
                return
            yield found
            after = found[-1][0]

    def _instances(self) -> Select[Any]:
        same = definition.c.definition_id == instance.c.definition_id
        mine = instance.c.application == self._application
        return select(instance.c.instance_id, definition.c.key).join(definition, same).where(mine)
