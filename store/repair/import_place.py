"""How far an import of an engine's tasks has come, kept in the store it imports into."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from store.sql.database import Database
from store.sql.schema import setting

_NAME = "import-tasks"


class ImportPlace:
    """The instance that was looked at last; raises `StoreUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> str:
        """Its id; empty at the beginning."""
        with self._database.reading() as connection:
            return connection.scalar(select(setting.c.value).where(setting.c.name == _NAME)) or ""

    def keep(self, instance_id: str) -> None:
        """Go on after this one, should this run be interrupted."""
        with self._database.transaction() as connection:
            connection.execute(delete(setting).where(setting.c.name == _NAME))
            connection.execute(insert(setting).values(name=_NAME, value=instance_id))

    def forget(self) -> None:
        """The next run begins at the beginning."""
        with self._database.transaction() as connection:
            connection.execute(delete(setting).where(setting.c.name == _NAME))
