"""`write`: one event, one outbox row and one head per transaction, against the same statements in raw Core."""

from __future__ import annotations

from time import time
from uuid import uuid4

import orjson
from sqlalchemy import insert, select, tuple_

from bench.harness import Result, compare, timed
from bench.stores import fresh, task
from domain.aggregates.advance import Head, Origin, advance
from domain.events.envelope import to_cloudevent
from settings import Settings
from store.events.unit_of_work import Store
from store.sql.database import Database
from store.sql.schema import event, head, outbox

COUNT = 1000


def run(settings: Settings) -> list[Result]:
    """Microseconds per transaction, lower is better: the goal is a ratio of at most 1.5."""
    results = []
    for kind in ("postgresql", "sqlite"):
        with fresh(settings, kind) as database:
            results.append(compare(f"write {kind}", "us/tx", lambda d=database: ours(d), lambda d=database: raw(d)))
    return results


def ours(database: Database) -> float:
    """Through the unit of work."""
    store = Store(database)
    with timed() as seconds:
        for _ in range(COUNT):
            with store.begin() as work:
                work.collect(*task(uuid4().hex))
    return seconds() / COUNT * 1e6


def raw(database: Database) -> float:
    """The same four statements with values made beforehand."""
    rows = [_row() for _ in range(COUNT)]
    with timed() as seconds:
        for key, state, body in rows:
            with database.engine.begin() as connection:
                names = tuple_(head.c.application, head.c.aggregate, head.c.id)
                query = select(head).where(names.in_([(key.application, key.aggregate, key.id)])).with_for_update()
                connection.execute(query).all()
                connection.execute(
                    insert(head).values(_named(key, "id") | {"generation": 1, "revision": 1, "state": state})
                )
                values = {
                    "event_id": key.event_id(1, 1),
                    "generation": 1,
                    "revision": 1,
                    "routing_key": "task.created.bench",
                }
                logged = insert(event).values(_named(key, "aggregate_id") | values | {"body": body})
                position = connection.execute(logged.returning(event.c.position)).scalar_one()
                waiting = {
                    "position": position,
                    "lane": key.lane,
                    "key": key.opaque,
                    "size": len(body),
                    "created": time(),
                }
                connection.execute(insert(outbox).values(waiting))
    return seconds() / COUNT * 1e6


def _row():  # type: ignore[no-untyped-def]
    key, create = task(uuid4().hex)
    made = advance(Head(key, 1, 0, None), [create], Origin("2026-01-01T00:00:00.000Z"))[1][0]
    return key, orjson.dumps(made.state).decode(), orjson.dumps(to_cloudevent(made)).decode()


def _named(key, name):  # type: ignore[no-untyped-def]
    return {"application": key.application, "aggregate": key.aggregate, name: key.id}
