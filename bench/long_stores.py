"""Stores that hold very much, filled inside the database: a million rows in well under a minute.

Histories and backlogs are those of many tasks with four revisions each. Bodies that nothing reads are short.
"""

from __future__ import annotations

from sqlalchemy import text

from store.sql.database import Database

REVISIONS = 4
EVENT_BYTES = 1000
_EVENTS = """INSERT INTO event (event_id, application, aggregate, aggregate_id, generation, revision, routing_key, body)
SELECT gen_random_uuid(), 'bench', 'task', :name || n / 4, 1, n % 4 + 1, 'task.created.bench', repeat('x', :bytes)
FROM generate_series(0, :rows - 1) n"""
_HEADS = """INSERT INTO aggregate (application, aggregate, id, generation, revision, state)
SELECT 'bench', 'task', :name || n, 1, 4, repeat('x', 100) FROM generate_series(0, :rows / 4 - 1) n"""
_OUTBOX = """INSERT INTO outbox (position, lane, key, size, parked, created)
SELECT position, hashtext(aggregate_id) & 63, md5(aggregate_id)::uuid, :bytes, :parked, extract(epoch FROM now())
FROM event WHERE position > :after"""
_PARKED = """INSERT INTO parked (application, aggregate, id, position, reason, attempts, first_seen, last_seen, key)
SELECT 'bench', 'task', aggregate_id, min(position), 'returned', 8, 0, 0, md5(aggregate_id)::uuid
FROM event WHERE position > :after GROUP BY aggregate_id"""


def add_history(database: Database, rows: int, name: str) -> None:
    """Events confirmed long ago and the heads they led to."""
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(text(_EVENTS), {"rows": rows, "name": name, "bytes": 100})
        connection.execute(text(_HEADS), {"rows": rows, "name": name})
    analyze(database)


def add_backlog(database: Database, rows: int, name: str, *, parked: bool = False) -> None:
    """Events of 1 KB that wait to be published, or wait parked."""
    with database.transaction() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        after = connection.scalar(text("SELECT coalesce(max(position), 0) FROM event"))
        connection.execute(text(_EVENTS), {"rows": rows, "name": name, "bytes": EVENT_BYTES})
        connection.execute(text(_OUTBOX), {"bytes": EVENT_BYTES, "parked": parked, "after": after})
        if parked:
            connection.execute(text(_PARKED), {"after": after})


def without_look_ups(database: Database) -> None:
    """Drop the log's indexes that publishing never reads: a million rows would mostly wait for them."""
    with database.transaction() as connection:
        for name in connection.scalars(text(_UNUSED)).all():
            connection.execute(text(f'ALTER TABLE event DROP CONSTRAINT "{name}"'))


_UNUSED = "SELECT conname FROM pg_constraint WHERE conrelid = 'event'::regclass AND contype = 'u'"


def analyze(database: Database) -> None:
    """What autovacuum does within a minute."""
    with database.transaction() as connection:
        connection.execute(text("ANALYZE"))
