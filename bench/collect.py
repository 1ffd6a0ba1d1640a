"""`collect`: records of outside engines drained in batches of 100, against raw batched Core inserts."""

from __future__ import annotations

from datetime import UTC, datetime
from time import time
from uuid import uuid4

import orjson
from sqlalchemy import insert

from bench.harness import Result, compare, timed
from bench.stores import PAYLOAD, fresh, task
from domain.aggregates.advance import Head, Origin, advance
from domain.events.envelope import to_cloudevent
from settings import Settings
from store.engine.received import Received
from store.events.unit_of_work import Store
from store.sql.database import Database
from store.sql.schema import event, head, outbox
from tasks.collect import collect

COUNT, BATCH = 5000, 100


def run(settings: Settings) -> list[Result]:
    """Records per second: the goal is a ratio of at least 0.5."""
    with fresh(settings, "postgresql") as database:
        return [compare("collect postgresql", "records/s", lambda: ours(database), lambda: raw(database))]


def ours(database: Database) -> float:
    """`received` drained by the job's own function."""
    store = Store(database)
    data = {"name": "Approve", "payload": PAYLOAD}
    with store.begin() as work:
        records = [
            {"id": name, "type": "task.created", "time": "2026-01-01T00:00:00Z", "subject": name, "data": data}
            for name in (uuid4().hex for _ in range(COUNT))
        ]
        Received(work.connection).add("bench", records)
    with timed() as seconds:
        taken = collect(store.begin, lambda: datetime.now(UTC), BATCH)
    if taken != COUNT:
        raise AssertionError(f"{taken} of {COUNT} taken")
    return COUNT / seconds()


def raw(database: Database) -> float:
    """Heads, events and outbox rows made beforehand, three statements per hundred."""
    batches = [[_values() for _ in range(BATCH)] for _ in range(COUNT // BATCH)]
    with timed() as seconds:
        for batch in batches:
            with database.engine.begin() as connection:
                connection.execute(insert(head), [values[0] for values in batch])
                logged = insert(event).returning(event.c.position, sort_by_parameter_order=True)
                positions = connection.execute(logged, [values[1] for values in batch]).scalars().all()
                rows = [values[2] | {"position": at} for values, at in zip(batch, positions, strict=True)]
                connection.execute(insert(outbox), rows)
    return COUNT / seconds()


def _values():  # type: ignore[no-untyped-def]
    key, create = task(uuid4().hex)
    made = advance(Head(key, 1, 0, None), [create], Origin("2026-01-01T00:00:00.000Z"))[1][0]
    body = orjson.dumps(to_cloudevent(made)).decode()
    names = {"application": key.application, "aggregate": key.aggregate, "generation": 1, "revision": 1}
    return (
        {**names, "id": key.id, "state": orjson.dumps(made.state).decode()},
        {**names, "aggregate_id": key.id, "event_id": made.event_id, "routing_key": made.routing_key, "body": body},
        {"lane": key.lane, "key": key.opaque, "size": len(body), "created": time()},
    )
