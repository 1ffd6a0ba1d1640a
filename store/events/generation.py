"""Which life of the log this is: raised when readers know more than the log does, as after a restored backup."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from store.sql.schema import setting

FIRST = 1
_NAME = "log_generation"
_VALUE = select(setting.c.value).where(setting.c.name == _NAME)


def log_generation(connection: Connection) -> int:
    """What new heads begin with."""
    found = connection.scalar(_VALUE)
    return FIRST if found is None else int(found)


def raise_above(connection: Connection, taken: int) -> int:
    """Make the log's generation higher than one that readers have seen; returns it."""
    present = log_generation(connection)
    if present > taken:
        return present
    change = update(setting).where(setting.c.name == _NAME).values(value=str(taken + 1))
    if connection.execute(change).rowcount == 0:
        connection.execute(insert(setting).values(name=_NAME, value=str(taken + 1)))
    return taken + 1
