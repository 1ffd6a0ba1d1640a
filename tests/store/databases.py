"""Every test marked with `each_database` runs on SQLite in memory, SQLite in a file and PostgreSQL."""

from functools import cache
from uuid import uuid4

import pytest
from sqlalchemy import text

from store.engine.received import prepare_received
from store.events.unit_of_work import Store
from store.outbox.lanes import prepare_lanes
from store.sql.database import Database, schema_name

KINDS = ["memory", pytest.param("file", marks=pytest.mark.disk), pytest.param("postgresql", marks=pytest.mark.servers)]
each_database = pytest.mark.parametrize("kind", KINDS, indirect=True)
on_disk = pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
"""Where two can be at work at once, or one can die."""


def open_database(kind, request, tmp_path):
    if kind == "memory":
        return on_sqlite()
    if kind == "file":
        return Database(f"sqlite:///{tmp_path}/app.db", "app")
    return Database(request.getfixturevalue("servers").sql_url, f"t{uuid4().hex[:12]}")


def close_database(database):
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema_name(database.application)} CASCADE"))
    database.close()


def prepare(database):
    database.migrate()
    prepare_lanes(database)
    with database.transaction() as connection:
        prepare_received(connection)


@cache
def _template():
    database = Database("sqlite://", "app")
    prepare(database)
    return database


def on_sqlite(url="sqlite://", application="app"):
    """A database that is ready, copied from one that was migrated once: the migrations are most of a quick test."""
    database = Database(url, application)
    source, target = (each.engine.raw_connection().driver_connection for each in (_template(), database))
    source.backup(target)
    return database


@pytest.fixture
def kind(request):
    return request.param


@pytest.fixture
def database(kind, request, tmp_path):
    opened = open_database(kind, request, tmp_path)
    if kind != "memory":
        prepare(opened)
    yield opened
    close_database(opened)


@pytest.fixture
def woken():
    return []


@pytest.fixture
def store(database, woken):
    return Store(database, committed=lambda: woken.append(1))


def rows(store, statement):
    with store.database.transaction() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]
