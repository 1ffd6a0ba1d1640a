"""The publisher: in order, nothing forgotten that was not confirmed, the bad ones set aside alone."""

from threading import Event

import pytest
from sqlalchemy import text

from domain.errors import BrokerUnavailable
from domain.identity import Key
from domain.task import AssignTask, CreateTask, UserTask
from store.exchange import ChannelClosed
from store.lanes import Leases
from store.memory import MemoryExchange, NoWakeups
from store.outbox import Outbox, depth
from store.window import Verdicts
from tasks.publish import Publisher
from tests.store.databases import each_database, rows


def said(store, name, changes=0):
    with store.begin() as work:
        work.collect(Key("app", "task", name), CreateTask(UserTask(name, "app")))
    for number in range(changes):
        with store.begin() as work:
            work.collect(Key("app", "task", name), AssignTask(str(number)))


def publisher(store, exchange, owner="p#1", **options):
    return Publisher(store.database, exchange, Leases(store.database, owner), NoWakeups(), **options)


def bodies(exchange):
    return [(row.routing_key, row.key) for row in exchange.published]


@each_database
def test_everything_goes_out_once_and_in_order(store):
    for name in "abc":
        said(store, name, changes=3)
    exchange = MemoryExchange()
    assert publisher(store, exchange).ship() == 12
    assert [row.position for row in exchange.published] == sorted(row.position for row in exchange.published)
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    assert publisher(store, exchange, "p#1").ship() == 0


@each_database
def test_a_window_is_bounded_in_rows_and_bytes(store):
    said(store, "a", changes=9)
    with store.database.reading() as connection:
        outbox = Outbox(connection, dict.fromkeys(range(64), 1))
        assert len(outbox.due(max_rows=4)) == 4
        assert len(outbox.due(max_bytes=1)) == 1, "a row larger than the window still goes"
        size = outbox.due()[0]
        assert len(outbox.due(max_bytes=len(size.body) * 3)) in (3, 4)


@each_database
def test_a_refused_row_waits_and_what_was_confirmed_behind_it_is_sent_again_after_it(store):
    said(store, "bad", changes=2)
    said(store, "good", changes=2)
    bad = Key("app", "task", "bad").opaque
    first = rows(store, "SELECT min(position) FROM outbox")[0][0]
    exchange = MemoryExchange(refuse=lambda row: "returned: 312" if row.position == first else None)
    worker = publisher(store, exchange)
    assert worker.ship() == 3, "only the good task's rows are forgotten"
    assert {row[0] for row in rows(store, "SELECT key FROM outbox")} == {bad}
    exchange.refuse, exchange.published = (lambda _row: None), []
    assert worker.ship() == 0, "held back for a moment"
    later(store)
    assert [worker.ship() for _ in range(2)] == [1, 2], "one row until it is through, then the rest"
    assert [row.position for row in exchange.published] == sorted(row.position for row in exchange.published)


@each_database
def test_a_row_that_never_goes_parks_its_aggregate_and_nobody_else(store):
    said(store, "bad")
    said(store, "good")
    bad = Key("app", "task", "bad")
    exchange = MemoryExchange(refuse=lambda row: "returned: 312 NO_ROUTE" if row.key == bad.opaque else None)
    worker = publisher(store, exchange, max_attempts=3)
    for _ in range(3):
        worker.ship()
        later(store)
    assert rows(store, "SELECT id, attempts, reason FROM parked") == [("bad", 3, "returned: 312 NO_ROUTE")]
    said(store, "good2")
    with store.begin() as work:
        work.collect(bad, AssignTask("ann"))
    exchange.refuse = lambda _row: None
    assert worker.ship() == 1, "what the parked aggregate says later waits with it"
    assert rows(store, "SELECT count(*) FROM outbox WHERE parked") == [(2,)]
    with store.database.reading() as connection:
        assert depth(connection)[0] == 0


class Fragile(MemoryExchange):
    """Closes the channel on windows that hold a certain row."""

    poison = 0

    def publish(self, rows):
        if any(row.position == self.poison for row in rows):
            raise ChannelClosed("406 PRECONDITION_FAILED")
        return MemoryExchange.publish(self, rows)


@each_database
def test_a_message_that_closes_the_channel_is_found_by_halving(store):
    for name in "abcdefg":
        said(store, name)
    exchange = Fragile()
    exchange.poison = rows(store, "SELECT min(position) + 4 FROM outbox")[0][0]
    worker = publisher(store, exchange)
    for _ in range(4):
        worker.ship()
    assert rows(store, "SELECT position, attempts FROM outbox") == [(exchange.poison, 1)]


class Away(MemoryExchange):
    """A broker that is not there."""

    def publish(self, rows):
        raise BrokerUnavailable


@each_database
def test_a_broker_that_is_away_burns_no_attempt(store):
    said(store, "a")
    stop = Event()
    worker = publisher(store, Away())
    with pytest.raises(BrokerUnavailable):
        worker.ship()
    worker.run(0.05, stop)
    assert rows(store, "SELECT attempts, parked FROM outbox") == [(0, False)]


@each_database
def test_two_publishers_share_the_lanes_and_send_nothing_twice(store):
    for number in range(40):
        said(store, f"t{number}", changes=1)
    exchange = MemoryExchange()
    one, two = publisher(store, exchange, "one#1"), publisher(store, exchange, "two#1")
    one.leases.refresh()
    two.leases.refresh()
    one.leases.refresh()
    two.leases.refresh()
    assert (len(one.leases.held), len(two.leases.held)) == (32, 32)
    assert not set(one.leases.held) & set(two.leases.held)
    assert one.ship() + two.ship() == 80
    assert len({row.position for row in exchange.published}) == 80


@each_database
def test_a_publisher_that_lost_its_lanes_deletes_nothing(store):
    said(store, "a", changes=1)

    class Slow(MemoryExchange):
        def publish(self, rows):
            publisher(store, MemoryExchange(), "p#2").leases.refresh()
            return MemoryExchange.publish(self, rows)

    assert publisher(store, Slow(), "p#1").ship() == 0
    assert rows(store, "SELECT count(*) FROM outbox") == [(2,)]


@each_database
def test_a_new_life_takes_over_at_once_and_a_stranger_waits_for_the_lease(store):
    said(store, "a")
    publisher(store, MemoryExchange(), "p#1").leases.refresh()
    assert publisher(store, MemoryExchange(), "q#1").leases.refresh() == {}
    heir = publisher(store, MemoryExchange(), "p#2").leases
    heir.refresh()
    assert set(heir.held.values()) == {2}


@each_database
def test_the_lanes_of_a_dead_publisher_are_taken_over_when_its_lease_has_passed(store):
    Leases(store.database, "dead#1", lease_seconds=0.0).refresh()
    heir = Leases(store.database, "heir#1", lease_seconds=0.0)
    heir.refresh()
    heir.refresh()
    assert len(heir.held) == 64


@each_database
def test_leases_given_back_can_be_taken_at_once(store):
    one, two = Leases(store.database, "one#1"), Leases(store.database, "two#1")
    one.refresh()
    one.release()
    assert len(two.refresh()) == 64


def later(store):
    with store.database.transaction() as connection:
        connection.execute(text("UPDATE outbox SET not_before = 0 WHERE not_before IS NOT NULL"))


def test_verdicts_start_empty():
    assert Verdicts() == Verdicts(set(), {})
