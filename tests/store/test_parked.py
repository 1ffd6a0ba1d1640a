"""Parked aggregates: named by one reason for many, tried again whole, or without the one row that cannot go."""

import random
from threading import Event, Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from domain.aggregates.task import AssignTask
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryExchange
from store.outbox.fingerprint import fingerprint
from store.outbox.parked import NotParked, Parked, ParkedSelection
from store.sql.database import Database
from store.sql.errors import ConcurrentUpdate
from store.sql.schema import metadata
from tests.store.databases import each_database, rows
from tests.support.parking import NO_ROUTE, opaque, park, publisher, said


def listed(store, **wanted):
    with store.database.reading() as connection:
        return Parked(connection).find(ParkedSelection(**wanted))


def changed(store, change):
    with store.database.transaction() as connection:
        return change(Parked(connection))


@each_database
def test_the_list_says_what_waits_since_when_and_why(store):
    said(store, "bad", changes=2)
    said(store, "good")
    park(store, "bad")
    (found,) = listed(store)
    assert (found.application, found.aggregate, found.id, found.key) == ("app", "task", "bad", opaque("bad"))
    assert (found.reason, found.fingerprint, found.attempts) == (NO_ROUTE, fingerprint(NO_ROUTE), 1)
    assert found.waiting == 3
    assert found.first_seen <= found.last_seen
    with store.database.reading() as connection:
        assert '"taskpool.task.created.v2"' in Parked(connection).event(found.position)
        assert Parked(connection).count() == 1


@each_database
def test_a_retry_sends_everything_in_order_and_first_the_row_that_failed(store):
    said(store, "bad", changes=2)
    exchange = park(store, "bad")
    (found,) = changed(store, lambda parked: parked.retry(ParkedSelection(key=opaque("bad")), "ann"))
    assert found.waiting == 3
    again = rows(store, "SELECT attempts, parked, not_before FROM outbox ORDER BY position")
    assert again == [(1, False, None), (0, False, None), (0, False, None)], "the one that failed goes alone"
    assert rows(store, "SELECT count(*) FROM aggregate WHERE parked") == [(0,)]
    assert listed(store) == []
    said_again(store, "bad")
    worker = publisher(store, exchange)
    assert [worker.ship(), worker.ship()] == [1, 3]
    assert [row.position for row in exchange.published] == sorted(row.position for row in exchange.published)


@each_database
def test_a_retry_of_one_reason_leaves_the_others(store):
    for name in ("one", "two"):
        said(store, name)
    park(store, "one", "two", reason="row 17 of 5f0e-11 refused")
    said(store, "other")
    park(store, "other", reason="too large")
    same = fingerprint("row 18 of aaaa-22 refused")
    assert {found.id for found in listed(store, fingerprint=same)} == {"one", "two"}
    assert len(changed(store, lambda parked: parked.retry(ParkedSelection(fingerprint=same), "ann"))) == 2
    assert [found.id for found in listed(store)] == ["other"]
    assert listed(store, application="elsewhere") == []
    assert len(changed(store, lambda parked: parked.retry(ParkedSelection(), "ann"))) == 1
    assert changed(store, lambda parked: parked.retry(ParkedSelection(), "ann")) == []


@each_database
def test_skipping_drops_one_row_keeps_it_in_the_log_and_says_so(store):
    said(store, "bad", changes=2)
    exchange = park(store, "bad")
    skipped = changed(store, lambda parked: parked.skip(opaque("bad"), "ann"))
    assert rows(store, "SELECT count(*) FROM event") == [(3,)]
    assert publisher(store, exchange).ship() == 2
    assert skipped.position not in {row.position for row in exchange.published}
    lost = rows(store, f"SELECT event_id FROM event WHERE position = {skipped.position}")[0][0]
    assert rows(store, "SELECT event_id, action, operator FROM unparked") == [(lost, "skipped", "ann")]


@each_database
def test_what_is_not_parked_cannot_be_skipped(store):
    said(store, "good")
    with pytest.raises(NotParked):
        changed(store, lambda parked: parked.skip(opaque("good"), "ann"))
    assert rows(store, "SELECT count(*) FROM outbox") == [(1,)]


@each_database
def test_parked_again_it_has_been_trouble_since_the_first_time(store):
    said(store, "bad")
    park(store, "bad")
    with store.database.transaction() as connection:
        connection.execute(text("UPDATE parked SET first_seen = 1000"))
    changed(store, lambda parked: parked.retry(ParkedSelection(key=opaque("bad")), "ann"))
    park(store, "bad")
    (found,) = listed(store)
    assert found.first_seen == 1000
    assert found.last_seen > 1000


class Moody(MemoryExchange):
    """Has a route for everything in a window or for nothing, as a broker does; for nothing in the first."""

    windows = 0

    def publish(self, rows):
        reason = random.choice([NO_ROUTE, None]) if self.windows else NO_ROUTE
        self.windows += 1
        self.refuse = lambda _row: reason
        return MemoryExchange.publish(self, rows)


def at_once(*steps):
    """Repeat these in threads of their own until the function returned is called; it raises what went wrong."""
    done, failures = Event(), []

    def repeat(step):
        while not done.is_set() and not failures:
            try:
                step()
            except ConcurrentUpdate:
                continue
            except Exception as error:  # noqa: BLE001 - shown in the end
                failures.append(error)

    threads = [Thread(target=repeat, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()

    def finish():
        done.set()
        for thread in threads:
            thread.join()
        assert failures == []

    return finish


@each_database
def test_writing_parking_and_retrying_at_once_leave_nothing_behind(store, kind):
    if kind == "memory":
        pytest.skip("one connection, one thread")
    exchange = Moody()
    finish = at_once(publisher(store, exchange).ship, lambda: changed(store, retry_all))
    said(store, "bad", changes=60)
    finish()
    changed(store, retry_all)
    while rows(store, "SELECT count(*) FROM outbox") != [(0,)]:
        publisher(store, exchange).ship()
        changed(store, retry_all)
    assert rows(store, "SELECT count(*) FROM parked") == [(0,)]
    assert rows(store, "SELECT count(*) FROM aggregate WHERE parked") == [(0,)]
    first_seen = list(dict.fromkeys(row.position for row in exchange.published))
    assert (len(first_seen), first_seen) == (61, sorted(first_seen))
    assert rows(store, "SELECT count(*) > 0, min(action) FROM unparked") == [(True, "retried")]


def retry_all(parked):
    return parked.retry(ParkedSelection(), "ann")


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
@each_database
def test_the_migrations_make_exactly_the_schema(database):
    options = {"include_name": lambda name, _kind, _parents: name not in ("xid", "ix_event_xid_position")}
    with database.transaction() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


def test_what_was_parked_before_the_migration_gets_its_id_and_fingerprint():
    database, config = Database("sqlite://", "app"), Config()
    config.set_main_option("script_location", "store/sql/migrations")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        row = "INSERT INTO parked VALUES ('app', 'task', 'bad', 7, 'returned: 312', 8, 1, 2)"
        connection.execute(text(row))
    database.migrate()
    with database.reading() as connection:
        (found,) = Parked(connection).find(ParkedSelection())
    database.close()
    assert (found.key, found.fingerprint) == (opaque("bad"), fingerprint("returned: 99"))


def said_again(store, name):
    with store.begin() as work:
        work.collect(Key("app", "task", name), AssignTask("later"))


def test_a_fingerprint_ignores_ids_and_numbers_only():
    one = "returned: 312 NO_ROUTE for message 0c9f-12 in 17 ms"
    assert fingerprint(one) == fingerprint("returned: 312  no_route for message ffa1-99 in 3 ms")
    assert fingerprint(one) != fingerprint("refused: 312 NO_ROUTE for message 0c9f-12 in 17 ms")
