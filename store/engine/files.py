"""Files that are deployed beside processes, each with a key of its own and versions counted by it."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, insert, select


class Files:
    """One kind of them, of one application; the caller owns the transaction."""

    def __init__(self, connection: Connection, application: str, table: Table) -> None:
        self._connection = connection
        self._application = application
        self._table = table

    def save(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep a file as the next version: 1, 2, 3 … per key; returns it."""
        table = self._table
        mine = (table.c.application == self._application) & (table.c.key == key)
        version = int(self._connection.scalar(select(func.max(table.c.version)).where(mine)) or 0) + 1
        values = {"key": key, "version": version, "version_tag": tag, "source": source}
        self._connection.execute(insert(table).values(application=self._application, **values))
        return version

    def find(self, key: str, version: int | None = None, tag: str | None = None) -> tuple[int, bytes] | None:
        """One version, the newest with a tag, or the newest: which it is, and what is in it."""
        table = self._table
        mine = (table.c.application == self._application) & (table.c.key == key)
        wanted = select(table.c.version, table.c.source).where(mine)
        if version is not None:
            wanted = wanted.where(table.c.version == version)
        if tag is not None:
            wanted = wanted.where(table.c.version_tag == tag)
        found = self._connection.execute(wanted.order_by(table.c.version.desc()).limit(1)).first()
        return None if found is None else (found.version, found.source)
