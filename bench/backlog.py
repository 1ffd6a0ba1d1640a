"""`backlog`: whether a publisher slows down when very much waits, or when much is parked.

The rate with 1,000,000 rows waiting, and with 1,000 parked aggregates, against the rate with 10,000 rows.
"""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import func, select

from bench.harness import Result, compare, timed
from bench.long_stores import REVISIONS, add_backlog, analyze, without_look_ups
from bench.relay import Pausing, purge
from bench.stores import fresh
from settings import Settings
from store.messaging.exchange import EventExchange
from store.messaging.topology import declare
from store.outbox.lanes import Leases
from store.sql.database import Database
from store.sql.schema import outbox
from tasks.publish import Publisher

SHORT, LONG, PARKED = 10_000, 1_000_000, 1000
ROUNDS = 5


def run(settings: Settings) -> list[Result]:
    """Rows per second, one publisher: the goal is a ratio of at least 0.9."""
    declare(settings.amqp_url, ())
    with fresh(settings, "postgresql") as short, fresh(settings, "postgresql") as held:
        add_backlog(held, PARKED * REVISIONS, "p", parked=True)
        with fresh(settings, "postgresql") as long:
            without_look_ups(long)
            add_backlog(long, LONG, "l")
            analyze(long)
            many = _against(settings, f"backlog {LONG} waiting", long, short)
        return [many, _against(settings, f"backlog {PARKED} parked", held, short)]


def _against(settings: Settings, name: str, database: Database, short: Database) -> Result:
    return compare(name, "rows/s", lambda: rate(settings, database), lambda: rate(settings, short), ROUNDS)


def rate(settings: Settings, database: Database, rows: int = SHORT) -> float:
    """So many rows shipped, where at least so many wait: rows per second from the first window to the last."""
    with database.reading() as connection:
        waiting = int(connection.scalar(select(func.count()).where(~outbox.c.parked)) or 0)
    if waiting < rows:
        add_backlog(database, rows - waiting, uuid4().hex)
    purge(settings)
    exchange, leases = EventExchange(settings.amqp_url), Leases(database, "bench#1")
    exchange.publish([])
    publisher, shipped = Publisher(database, exchange, leases, Pausing()), 0
    with timed() as seconds:
        while shipped < rows:
            shipped += publisher.ship()
        found = shipped / seconds()
    exchange.close()
    return found
