"""What a careful person would write by hand with the bare drivers: the baselines of several benchmarks.

Nothing is leased, fenced, kept in order or guarded against failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from amqp.basic_message import Message
from kombu import Connection
from pymongo import UpdateOne
from sqlalchemy import select

from store.messaging.topology import EVENTS
from store.sql.database import Database
from store.sql.schema import event, outbox

WINDOW = 1000

Event = dict[str, Any]


class Publishing:
    """Publishes rows without waiting for each, then awaits all confirms."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._channel = connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._confirmed)
        self._waiting: set[int] = set()
        self._tag = 0

    def publish(self, rows: Sequence[Any]) -> None:
        """Returns when the broker has all of them."""
        for row in rows:
            self._tag += 1
            self._waiting.add(self._tag)
            message = Message(row.body, delivery_mode=2, message_id=row.event_id)
            self._channel.basic_publish(message, EVENTS.name, row.routing_key, mandatory=True)
        while self._waiting:
            self._connection.drain_events(timeout=10)

    def _confirmed(self, tag: int, multiple: bool) -> None:
        confirmed = [one for one in self._waiting if one <= tag] if multiple else [tag]
        self._waiting.difference_update(confirmed)


def claim(database: Database) -> Sequence[Any]:
    """The oldest rows of the outbox, with their events."""
    wanted = (outbox.c.position, event.c.event_id, event.c.routing_key, event.c.body)
    joined = select(*wanted).join(event, event.c.position == outbox.c.position)
    with database.engine.connect() as connection:
        return connection.execute(joined.order_by(outbox.c.position).limit(WINDOW)).all()


def guarded(event: Event) -> UpdateOne:
    """Replace the document by this state unless it is newer."""
    revision = int(event["sequence"])
    state = event["data"]["state"]
    document = {**state, "_id": event["partitionkey"], "revision": revision, "principals": ["operators"]}
    # What the indexes are made of, as the same indexes are there: without it theirs would be nearly empty.
    name, payload = state["name"] or "", state["payload"] or {}
    order = {"dueDate": "z", "priority": 1, "name": name.lower(), "createTime": "z", "assignee": "z"}
    document["order"] = {"up": order, "down": order}
    document["words"] = [*name.lower().split(), *(str(value).lower()[:200] for value in payload.values())]
    document["leaves"] = [{"k": key, "v": value} for key, value in payload.items()]
    kept = [*document["words"], *payload]
    document["findable"] = [*payload, *(f"{group}{word}" for group in state["candidateGroups"] for word in kept)]
    older = {"$lt": ["$revision", revision]}
    replaced = [{"$replaceWith": {"$cond": [older, {"$literal": document}, "$$ROOT"]}}]
    return UpdateOne({"_id": document["_id"]}, replaced, upsert=True)


def entry(event: Event) -> Event:
    """One line of the history."""
    return {"_id": event["id"], "taskKey": event["partitionkey"], "type": event["type"], "time": event["time"]}
