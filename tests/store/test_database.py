"""Waiting for SQLite's one writer: patiently, but not for ever."""

import threading
from time import monotonic

import pytest
from sqlalchemy import text

from domain.errors import StoreUnavailable
from store.sql.database import Database

pytestmark = pytest.mark.disk


@pytest.fixture
def database(tmp_path):
    opened = Database(f"sqlite:///{tmp_path}/app.db", "app")
    with opened.transaction() as connection:
        connection.execute(text("CREATE TABLE item (writer INTEGER)"))
    yield opened
    opened.close()


def write(database, writer):
    with database.transaction() as connection:
        connection.execute(text("INSERT INTO item VALUES (:writer)"), {"writer": writer})


def test_a_writer_waits_for_the_one_before_it(database):
    waiting = threading.Thread(target=write, args=(database, 2))
    with database.transaction() as connection:
        waiting.start()
        connection.execute(text("INSERT INTO item VALUES (1)"))
        waiting.join(0.2)
        assert waiting.is_alive()
    waiting.join(5)
    with database.reading() as connection:
        assert list(connection.scalars(text("SELECT writer FROM item ORDER BY rowid"))) == [1, 2]


def test_after_its_patience_it_says_that_the_store_is_busy(tmp_path, database):
    hasty = Database(f"sqlite:///{tmp_path}/app.db", "app", lock_seconds=0.5)
    with database.transaction(), pytest.raises(StoreUnavailable, match="locked"):
        began = monotonic()
        write(hasty, 2)
    assert 0.5 <= monotonic() - began < 0.9, "not once more as long"
    write(hasty, 3)
    hasty.close()
