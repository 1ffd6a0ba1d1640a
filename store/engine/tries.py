"""How often a command came again because its worker ended: counted before it is tried again, by rows of the inbox."""

from __future__ import annotations

from time import time

from sqlalchemy import Connection, delete, func, insert, select

from store.sql.schema import inbox

MOST_TRIES = 5
"""A unit of work that has ended so many workers without anybody knowing why is given up."""
_CONSUMER = "try"


def count_again(connection: Connection, command_id: str) -> int:
    """Count that a command was given to a worker once more; how many tries were in vain before, `MOST_TRIES` at most.

    That it was given to a first one, the broker has noted on the message: nothing is written for what goes well.
    """
    names = [_name(command_id, number) for number in range(1, MOST_TRIES + 1)]
    mine = (inbox.c.consumer == _CONSUMER) & inbox.c.message_id.in_(names)
    known = int(connection.scalar(select(func.count()).select_from(inbox).where(mine)) or 0)
    if known < MOST_TRIES:
        values = {"consumer": _CONSUMER, "message_id": names[known], "received": time()}
        connection.execute(insert(inbox).values(**values))
    return min(known + 1, MOST_TRIES)


def uncount(connection: Connection, command_id: str, before: int) -> None:
    """What something else cut short was no try; `before` as `count_again` has said."""
    mine = (inbox.c.consumer == _CONSUMER) & (inbox.c.message_id == _name(command_id, before))
    connection.execute(delete(inbox).where(mine))


def _name(command_id: str, number: int) -> str:
    return f"{command_id} {number}"
