"""`path`: a backlog in the outbox to documents to the change stream, against the same by hand.

Three processes each: one publishes, one writes the views, and this one watches. Every event is a task of its own, so
that each must be seen. By hand nothing is leased, fenced, guarded against failure or kept in order.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import perf_counter, sleep
from typing import Any
from uuid import uuid4

import orjson
import pika
from kombu import Connection
from pymongo.write_concern import WriteConcern
from sqlalchemy import delete, insert, select

from bench.by_hand import Publishing, claim, entry, guarded
from bench.harness import Result, compare
from bench.relay import Pausing, purge
from bench.stores import fill, fresh
from domain.identity import LANES
from settings import Settings
from store.live.hub import Hub
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR, declare
from store.outbox.lanes import Leases
from store.sql.database import Database
from store.sql.schema import outbox
from store.views.indexes import indexes
from store.views.writer import Views, connect
from tasks.project import Projector
from tasks.publish import Publisher

COUNT, WINDOW, BATCH = 50_000, 1000, 500
SIZES = (1000, 10_000, 100_000)


def run(settings: Settings) -> list[Result]:
    """Events per second: the goal is a ratio of at least 0.8."""
    declare(settings.amqp_url, ())
    return [_measured(settings, "path", COUNT)]


def grow(settings: Settings) -> list[Result]:
    """How the rate changes with the length of the backlog."""
    declare(settings.amqp_url, ())
    return [_measured(settings, f"path {size}", size) for size in SIZES]


def _measured(settings: Settings, name: str, count: int) -> Result:
    with fresh(settings, "postgresql") as database:
        fill(database, count, aggregates=count)
        backlog = Backlog(settings, database, count)
        return compare(
            name,
            "events/s",
            lambda: backlog.rate("ours", _hub),
            lambda: backlog.rate("by-hand", _bare_stream),
        )


class Backlog:
    """Rows of an outbox that can be put back."""

    def __init__(self, settings: Settings, database: Database, count: int) -> None:
        self._settings, self._database, self._count = settings, database, count
        with database.reading() as connection:
            self._rows = [dict(row) for row in connection.execute(select(outbox)).mappings()]
        with database.transaction() as connection:
            connection.execute(delete(outbox))

    def rate(self, whose: str, watch: Callable[[Any, Event], Iterator[list[int]]]) -> float:
        """Events per second, from the commit of the backlog to the last change seen."""
        purge(self._settings)
        views = connect(self._settings.mongo_url, f"b{uuid4().hex[:10]}")
        Views(views).prepare(indexes())
        with _processes(self._settings, self._database, views.name, whose), contextmanager(watch)(views) as seen:
            with self._database.transaction() as connection:
                for start in range(0, self._count, WINDOW):
                    connection.execute(insert(outbox), self._rows[start : start + WINDOW])
            begun, deadline = perf_counter(), perf_counter() + 300
            while seen[0] < self._count:
                assert perf_counter() < deadline, f"{seen[0]} of {self._count} were seen in 300 s"
                sleep(0.005)
            rate = self._count / (perf_counter() - begun)
        views.client.drop_database(views.name)
        views.client.close()
        return rate


@contextmanager
def _processes(settings: Settings, database: Database, views: str, whose: str) -> Iterator[None]:
    """Both at work, with nothing to do yet."""
    told = (str(settings.sql_url), database.application, settings.amqp_url, settings.mongo_url, views)
    command = [sys.executable, "-m", "bench.path", whose]
    workers = [
        subprocess.Popen([*command, part, *told], stdout=subprocess.PIPE, text=True) for part in ("publish", "project")
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        yield
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


def _hub(views: Any) -> Iterator[list[int]]:
    """Counts what our hub has taken in."""
    seen = [0]

    class Counting(Hub):
        def _take(self, change: dict[str, Any], size: int) -> None:
            super()._take(change, size)
            seen[0] += change["ns"]["coll"] == "task"

    hub = Counting(views, past_seconds=0)
    hub.start()
    while not hub.running:
        sleep(0.01)
    yield seen
    hub.stop()


def _bare_stream(views: Any) -> Iterator[list[int]]:
    seen, stop, ready = [0], Event(), Event()

    def read() -> None:
        with views.task.watch(full_document="whenAvailable", batch_size=1000, max_await_time_ms=200) as stream:
            ready.set()
            while not stop.is_set():
                seen[0] += stream.try_next() is not None

    thread = threading.Thread(target=read)
    thread.start()
    ready.wait(10)
    yield seen
    stop.set()
    thread.join()


def our_publish(sql: str, application: str, amqp: str, _mongo: str, _views: str) -> None:
    """The publisher, with all lanes."""
    database, stop = Database(sql, application), Event()
    leases = Leases(database, "one#1")
    while len(leases.refresh()) != LANES:
        sleep(0.05)
    print("ready", flush=True)
    Publisher(database, EventExchange(amqp), leases, Pausing()).run(600, stop)


def our_project(_sql: str, _application: str, amqp: str, mongo: str, views: str) -> None:
    """The projector's own batch loop."""
    queue = EventQueue(amqp)
    projector = Projector(Views(connect(mongo, views)), queue.bury)
    print("ready", flush=True)
    for batch in queue.batches():
        if batch:
            projector.apply(batch)
            queue.acknowledge(batch)


def hand_publish(sql: str, application: str, amqp: str, _mongo: str, _views: str) -> None:
    """Claim, publish, confirm, delete."""
    database = Database(sql, application)
    with Connection(amqp) as connection:
        publishing = Publishing(connection)
        print("ready", flush=True)
        while True:
            rows = claim(database)
            publishing.publish(rows)
            with database.transaction() as writing:
                writing.execute(delete(outbox).where(outbox.c.position <= (rows[-1].position if rows else 0)))
            sleep(0 if rows else 0.02)


def hand_project(_sql: str, _application: str, amqp: str, mongo: str, views: str) -> None:
    """Parse, one replacement of the state and one insert into the history per event, durable, acknowledge."""
    database, durable = connect(mongo, views), WriteConcern(w="majority", j=True)
    tasks, history = (database.get_collection(name, write_concern=durable) for name in ("task", "task_history"))
    channel = pika.BlockingConnection(pika.URLParameters(amqp)).channel()
    channel.basic_qos(prefetch_count=BATCH * 2)
    batch: list[dict[str, Any]] = []
    print("ready", flush=True)
    for method, _, body in channel.consume(PROJECTOR, inactivity_timeout=0.005):
        if method is not None:
            batch.append(orjson.loads(body))
            last = method.delivery_tag
        if batch and (method is None or len(batch) == BATCH):
            tasks.bulk_write([guarded(found) for found in batch], ordered=False)
            history.insert_many([entry(found) for found in batch], ordered=False)
            channel.basic_ack(last, multiple=True)
            batch = []


PARTS = {
    ("ours", "publish"): our_publish,
    ("ours", "project"): our_project,
    ("by-hand", "publish"): hand_publish,
    ("by-hand", "project"): hand_project,
}

if __name__ == "__main__":
    PARTS[sys.argv[1], sys.argv[2]](*sys.argv[3:])
