"""Fresh stores to measure on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlalchemy import delete, text

from domain.aggregates.task import ChangeTask, CreateTask, UserTask
from domain.identity import Key
from settings import Settings
from store.engine.received import prepare_received
from store.events.unit_of_work import Store
from store.outbox.lanes import prepare_lanes
from store.sql.database import Database, schema_name
from store.sql.schema import outbox

PAYLOAD = {"note": "x" * 400}


@contextmanager
def fresh(settings: Settings, kind: str) -> Iterator[Database]:
    """An empty database of one application, gone afterwards."""
    name = f"b{uuid4().hex[:10]}"
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/{name}.db" if kind == "sqlite" else str(settings.sql_url)
        database = Database(url, name)
        database.migrate()
        prepare_lanes(database)
        with database.transaction() as connection:
            prepare_received(connection)
        _settle_in(database)
        try:
            yield database
        finally:
            if not database.is_sqlite:
                with database.transaction() as connection:
                    connection.execute(text(f"DROP SCHEMA {schema_name(name)} CASCADE"))
            database.close()


def _settle_in(database: Database) -> None:
    """As after its first minute: some history, and statistics to plan by. Without them PostgreSQL plans blindly."""
    fill(database, 2000, aggregates=2000, name="old")
    with database.transaction() as connection:
        connection.execute(delete(outbox))
        connection.execute(text("ANALYZE"))


def task(name: str) -> tuple[Key, CreateTask]:
    """A task whose event is about 1 KB on the wire."""
    return Key("bench", "task", name), CreateTask(UserTask(name, "bench", name="Approve", payload=PAYLOAD))


def fill(database: Database, rows: int, aggregates: int = 50, name: str = "t") -> None:
    """Events of about 1 KB in log and outbox: some aggregates with many revisions each."""
    store = Store(database)
    for start in range(0, rows, 500):
        with store.begin() as work:
            for number in range(start, min(start + 500, rows)):
                key, create = task(f"{name}{number % aggregates}")
                command = create if number < aggregates else ChangeTask({"description": str(number)})
                work.collect(key, command)
                if number % aggregates == aggregates - 1:
                    work.decide_and_write()
