"""The permanent log of events; what is logged is in the outbox too, in one method, so that it cannot be forgotten."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from time import time
from typing import Any

import orjson
from sqlalchemy import Connection, select

from domain.errors import InvalidValue
from domain.events.envelope import Envelope, to_cloudevent
from domain.identity import Key
from store.personal.subjects import body_with_keys
from store.sql.bulk import insert_all
from store.sql.schema import event, outbox

MAX_BODY = 1_000_000


class EventLog:
    """Appends events; the caller owns the transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, envelopes: Sequence[Envelope], parked: Collection[Key] = ()) -> None:
        """Log the events and queue them for publishing; rows of a parked aggregate wait parked."""
        if not envelopes:
            return
        sent = [to_cloudevent(envelope) for envelope in envelopes]
        rows = [_event_row(envelope, said) for envelope, said in zip(envelopes, sent, strict=True)]
        logged = insert_all(self._connection, event, rows, ("event_id", "position"))
        positions = {row.event_id: row.position for row in logged}
        created = time()
        waiting = [
            {
                "position": positions[row["event_id"]],
                "lane": envelope.key.lane,
                "key": said["partitionkey"],
                "size": len(row["body"]),
                "parked": envelope.key in parked,
                "created": created,
            }
            for envelope, said, row in zip(envelopes, sent, rows, strict=True)
        ]
        insert_all(self._connection, outbox, waiting)


def newest_event(connection: Connection, key: Key) -> str | None:
    """The newest event of an aggregate as it is sent, None when the log has none; with its keys."""
    mine = (event.c.application == key.application) & (event.c.aggregate == key.aggregate)
    query = select(event.c.body).where(mine & (event.c.aggregate_id == key.id))
    newest = query.order_by(event.c.generation.desc(), event.c.revision.desc()).limit(1)
    return body_with_keys(connection, connection.scalar(newest))


def logged_event(connection: Connection, event_id: str) -> str | None:
    """One event as it is sent, by its id; with its keys."""
    return body_with_keys(connection, connection.scalar(select(event.c.body).where(event.c.event_id == event_id)))


def _event_row(envelope: Envelope, said: Mapping[str, Any]) -> dict[str, Any]:
    body = orjson.dumps(said)
    if len(body) > MAX_BODY:
        raise InvalidValue(f"{envelope.type} of {envelope.key.id}: {len(body)} bytes, the limit is {MAX_BODY}")
    key = envelope.key
    return {
        "event_id": said["id"],
        "application": key.application,
        "aggregate": key.aggregate,
        "aggregate_id": key.id,
        "generation": envelope.generation,
        "revision": envelope.revision,
        "routing_key": envelope.routing_key,
        "body": body.decode(),
    }
