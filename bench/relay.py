"""`relay`: the outbox to a quorum queue, ordered, mandatory and confirmed, against a raw pipelined loop."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from functools import partial
from threading import Event
from time import perf_counter, sleep

import orjson
import pika
from kombu import Connection
from sqlalchemy import delete, func, select

from bench.by_hand import Publishing, claim
from bench.harness import Result, compare, timed
from bench.stores import fill, fresh
from domain.identity import LANES
from settings import Settings
from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR, declare
from store.outbox.lanes import Leases
from store.sql.database import Database
from store.sql.schema import outbox
from tasks.publish import Publisher

ROWS = 20_000
MANY, FEW = 2000, 50
"""Aggregates: ten events each, as tasks have, and four hundred each: of one, each waits for the one before it."""


def run(settings: Settings) -> list[Result]:
    """Rows per second with two publishers: the goal is a ratio of at least 0.6 and no inversion."""
    declare(settings.amqp_url, ())
    return [
        compare(name, "rows/s", partial(ours, settings, aggregates), partial(raw, settings, aggregates))
        for name, aggregates in (("relay", MANY), ("relay_few_aggregates", FEW))
    ]


def ours(settings: Settings, aggregates: int) -> float:
    """Two publisher processes sharing the lanes."""
    with fresh(settings, "postgresql") as database:
        fill(database, ROWS, aggregates)
        purge(settings)
        arguments = [settings.sql_url, database.application, settings.amqp_url]
        command = [sys.executable, "-m", "bench.relay", *map(str, arguments)]
        publishers = [subprocess.Popen([*command, name]) for name in ("one", "two")]
        rate = _watch(database)
        for publisher in publishers:
            publisher.terminate()
            publisher.wait()
    _check_order(settings)
    return rate


def raw(settings: Settings, aggregates: int) -> float:
    """Claim, publish, confirm, delete: no leases, no order kept across failures, no fencing."""
    with fresh(settings, "postgresql") as database:
        fill(database, ROWS, aggregates)
        purge(settings)
        with Connection(settings.amqp_url) as connection, timed() as seconds:
            publishing = Publishing(connection)
            while rows := claim(database):
                publishing.publish(rows)
                with database.engine.begin() as writing:
                    writing.execute(delete(outbox).where(outbox.c.position.in_([row.position for row in rows])))
            return ROWS / seconds()


def purge(settings: Settings) -> None:
    """Empty the projector's queue."""
    connection = pika.BlockingConnection(pika.URLParameters(settings.amqp_url))
    connection.channel().queue_purge(PROJECTOR)
    connection.close()


def _watch(database: Database) -> float:
    """Rows per second between the first window gone and the last: starting the processes does not count."""
    first: tuple[float, int] | None = None
    while True:
        with database.reading() as connection:
            left = int(connection.scalar(select(func.count()).select_from(outbox)) or 0)
        now = perf_counter()
        if first is None and left < ROWS:
            first = now, left
        if not left:
            begun, rows = first or (now, 0)
            return rows / (now - begun)
        sleep(0.01)


def _check_order(settings: Settings) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(settings.amqp_url))
    seen: dict[str, int] = defaultdict(int)
    count = 0
    for method, _, body in connection.channel().consume(PROJECTOR, auto_ack=True, inactivity_timeout=1):
        if method is None:
            break
        got = orjson.loads(body)
        revision = int(got["sequence"])
        if revision > seen[got["partitionkey"]] + 1:
            raise AssertionError(f"{got['subject']}: {revision} first seen after {seen[got['partitionkey']]}")
        seen[got["partitionkey"]] = max(seen[got["partitionkey"]], revision)
        count += 1
    connection.close()
    if sum(seen.values()) != ROWS:
        raise AssertionError(f"{sum(seen.values())} of {ROWS} arrived ({count} messages)")


def main(sql: str, application: str, amqp: str, name: str) -> None:
    """One publisher of two; both begin when the lanes are shared out."""
    database, stop = Database(sql, application), Event()
    leases = Leases(database, f"{name}#1")
    while len(leases.refresh()) != LANES // 2:
        sleep(0.05)
    Publisher(database, EventExchange(amqp), leases, Pausing()).run(120, stop)


class Pausing:
    """Looks again every few milliseconds."""

    def wait(self, seconds: float, stop: Event) -> None:
        """Wait a little."""
        stop.wait(min(seconds, 0.02))


if __name__ == "__main__":
    main(*sys.argv[1:])
