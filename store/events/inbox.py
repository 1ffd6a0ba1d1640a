"""Messages already handled: a primary key decides who was first."""

from __future__ import annotations

from time import time

from sqlalchemy import Connection, insert, select

from store.sql.schema import inbox


class Inbox:
    """What one consumer has handled; the caller owns the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, consumer: str, *message_ids: str) -> bool:
        """Whether this message, by any of its names, has had its effect already."""
        mine = (inbox.c.consumer == consumer) & inbox.c.message_id.in_(message_ids)
        return self._connection.execute(select(inbox.c.received).where(mine)).first() is not None

    def remember(self, consumer: str, message_id: str) -> None:
        """From now on the message counts as handled; a second transaction doing the same fails and is run again."""
        self._connection.execute(insert(inbox).values(consumer=consumer, message_id=message_id, received=time()))
