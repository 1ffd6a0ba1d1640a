"""How much waits in a store, as `/metrics` tells it."""

import time

import pytest
from sqlalchemy import insert, update
from sqlalchemy.event import listen

from domain.aggregates.task import CreateTask, UserTask
from domain.identity import LANES, Key
from store.engine.incidents import Incidents
from store.engine.received import Received
from store.health import backlog as looking
from store.health.backlog import Backlog, backlog
from store.outbox.lanes import Leases
from store.sql.schema import instance, outbox
from tests.store.databases import each_database, on_sqlite
from tests.support.parking import park, said


def seen(store):
    with store.database.reading() as connection:
        return backlog(connection)


@each_database
def test_nothing_waits_in_a_new_store_and_nobody_publishes_it(store):
    assert seen(store) == Backlog(0, 0.0, 0, 0, 0, LANES, 0.0)
    Leases(store.database, "p#1").refresh()
    assert seen(store).lanes_unheld == 0


@each_database
def test_what_waits_is_counted_and_how_long_the_first_has_waited(store):
    said(store, "a", changes=2)
    with store.database.transaction() as connection:
        connection.execute(update(outbox).values(created=time.time() - 60))
        Received(connection).add("w", [{"id": name, "subject": name} for name in "xyz"])
    found = seen(store)
    assert (found.outbox, found.received, found.parked) == (3, 3, 0)
    assert 59 < found.outbox_oldest < 70


@each_database
def test_what_is_parked_waits_for_an_operator_and_not_for_the_publisher(store):
    said(store, "a")
    park(store, "a")
    found = seen(store)
    assert (found.outbox, found.outbox_oldest, found.parked) == (0, 0.0, 1)


@each_database
def test_the_first_timer_that_should_have_fired(store):
    row = {"application": "app", "definition_id": "d", "state": "{}", "version": 1}
    due = [
        ("stuck", "2025-01-01T00:00:00.000Z", False),
        ("late", "2026-01-01T00:00:00.000Z", False),
        ("over", "2025-01-01T00:00:00.000Z", True),
        ("no", None, False),
    ]
    with store.database.transaction() as connection:
        for name, when, finished in due:
            connection.execute(insert(instance).values(instance_id=name, due=when, finished=finished, **row))
        Incidents(connection).open("stuck", "timer", None, {}, 5)
    assert seen(store).timers_overdue == pytest.approx(time.time() - 1767225600, abs=5)


@each_database
def test_it_counts_only_so_far(store, monkeypatch):
    monkeypatch.setattr(looking, "COUNTED_TO", 2)
    with store.begin() as work:
        for name in "abc":
            work.collect(Key("app", "task", name), CreateTask(UserTask(name, "app")))
    assert seen(store).outbox == 2


def test_what_it_asks_is_answered_from_indexes():
    """Of a table that may be long, nothing is read but what is counted."""
    statements, database = [], on_sqlite()
    with database.reading() as connection:
        listen(connection, "before_cursor_execute", lambda *said: statements.append((said[2], said[3])))
        backlog(connection)
        plans = [
            (statement, row[-1])
            for statement, values in list(statements)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    database.close()
    read = [(statement, plan) for statement, plan in plans if plan.split()[1] in ("outbox", "received", "instance")]
    assert len(read) == 4
    assert all("INDEX" in plan and "LIMIT" in statement for statement, plan in read)
