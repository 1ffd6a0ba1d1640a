"""The publisher: in order, nothing forgotten that was not confirmed, the bad ones set aside alone."""

from threading import Event, Thread
from time import monotonic, sleep, time

import orjson
import pytest
from sqlalchemy import text

from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import BrokerUnavailable
from domain.identity import LANES, Key
from store.fakes.exchange_and_views import MemoryExchange, NoWakeups
from store.messaging.exchange import ChannelClosed
from store.messaging.window import Verdicts
from store.outbox.lanes import LEASE_SECONDS, LOCK_SECONDS, Leases
from store.outbox.outbox import Outbox, depth
from store.sql.database import Database
from tasks.publish import FEW_ROWS, REST_SECONDS, Publisher
from tests.store.databases import KINDS, each_database, rows
from tests.support.publishing import later, pause, publisher, said, url_of


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch):
    """What is held back for a moment stays so, however slow the machine is."""
    now = time()
    monkeypatch.setattr("store.outbox.outbox.time", lambda: now)


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


@each_database
def test_what_closes_the_channel_is_not_overtaken_by_its_successors(store):
    said(store, "a", changes=5)
    said(store, "b", changes=5)
    exchange = Fragile()
    third = exchange.poison = rows(store, "SELECT min(position) + 2 FROM outbox")[0][0]
    worker = publisher(store, exchange)
    for _ in range(3):
        worker.ship()
        later(store)
    assert [row.position for row in exchange.published if row.position < third + 4] == [third - 2, third - 1]
    exchange.poison = 0
    while worker.ship():
        pass
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    assert first_seen(exchange) == {Key("app", "task", name).opaque: [1, 2, 3, 4, 5, 6] for name in "ab"}


class Unhurried(Fragile):
    """Gets through no more than the first row of what it is given, as one that needs a second for each."""

    def publish(self, rows):
        if any(row.position == self.poison for row in rows):
            raise ChannelClosed("406 PRECONDITION_FAILED")
        return MemoryExchange.publish(self, rows[:1])


@each_database
def test_what_is_left_for_the_next_window_is_not_overtaken_while_a_window_is_halved(store):
    said(store, "a", changes=5)
    exchange = Unhurried()
    exchange.poison = rows(store, "SELECT max(position) FROM outbox")[0][0]
    worker = publisher(store, exchange)
    for _ in range(5):
        worker.ship()
    exchange.poison = 0
    later(store)
    worker.ship()
    assert first_seen(exchange) == {Key("app", "task", "a").opaque: [1, 2, 3, 4, 5, 6]}


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
    """Not before, not much after, and what it left goes out."""
    said(store, "a", changes=1)
    dead = Leases(store.database, "dead#1", lease_seconds=1.0)
    dead.refresh()
    began, exchange = monotonic(), MemoryExchange()
    heir = Publisher(
        store.database, exchange, Leases(store.database, "heir#1", lease_seconds=1.0), NoWakeups(), alive=pause
    )
    assert heir.leases.refresh() == {}
    shipped = 0
    while len(heir.leases.held) < LANES:
        shipped += heir.run(0.1, Event())
        assert monotonic() - began < 20, "the lease, and the next heartbeat"
    assert monotonic() - began >= 0.9
    assert shipped + heir.run(0.1, Event()) == 2
    assert set(heir.leases.held.values()) == {2}


class Slow(MemoryExchange):
    """Confirms after longer than a lease lasts, while another publisher looks for lanes to take."""

    def __init__(self, leases, other):
        super().__init__()
        self.leases, self.other = leases, other

    def publish(self, rows):
        until = monotonic() + 1.5 * self.leases.lease_seconds
        while monotonic() < until:
            sleep(0.05)
            self.leases.keep()
            self.other.refresh()
        return MemoryExchange.publish(self, rows)


@each_database
def test_a_window_longer_than_the_lease_costs_nobody_its_lanes(store):
    for number in range(20):
        said(store, f"t{number}")
    one, two = (Leases(store.database, owner, lease_seconds=3.0) for owner in ("one#1", "two#1"))
    slow, quick = Slow(one, two), MemoryExchange()
    assert Publisher(store.database, slow, one, NoWakeups()).ship() == 20
    assert (len(one.held), len(two.held)) == (64, 0)
    one.refresh()
    Publisher(store.database, quick, two, NoWakeups()).ship()
    assert (len(one.held), len(two.held)) == (32, 32), "between windows they are shared out"
    assert (len(slow.published), len(quick.published)) == (20, 0)


@each_database
def test_what_is_no_longer_ours_is_not_renewed(store):
    late, heir = Leases(store.database, "p#1", lease_seconds=0.0), Leases(store.database, "p#2")
    late.refresh()
    heir.refresh()
    taken = rows(store, "SELECT lane, owner, epoch, lease_end FROM lane ORDER BY lane")
    assert late.keep()
    assert rows(store, "SELECT lane, owner, epoch, lease_end FROM lane ORDER BY lane") == taken


@each_database
def test_quick_windows_renew_nothing_beside_the_heartbeat(store):
    leases = Leases(store.database, "p#1")
    leases.refresh()
    assert not leases.keep()


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_a_database_that_is_busy_for_a_moment_repeats_nothing(store, kind):
    """It is asked again, each time for less than the lease has left."""
    said(store, "a")
    hasty = Database(url_of(store.database), store.database.application, lock_seconds=0.3)

    class Busy(MemoryExchange):
        def publish(self, rows):
            locked = Event()
            self.other = Thread(target=hold, args=(store.database, 0.5, locked))
            self.other.start()
            assert locked.wait(5)
            return MemoryExchange.publish(self, rows)

    exchange = Busy()
    assert Publisher(hasty, exchange, Leases(hasty, "p#1"), NoWakeups()).ship() == 1
    exchange.other.join()
    hasty.close()
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]


def hold(database, seconds, locked):
    with database.transaction() as connection:
        connection.execute(text("UPDATE outbox SET attempts = attempts"))
        locked.set()
        sleep(seconds)


def test_who_waits_for_a_lock_may_do_so_three_times_within_a_lease():
    assert 3 * LOCK_SECONDS <= LEASE_SECONDS


@each_database
def test_leases_given_back_can_be_taken_at_once(store):
    one, two = Leases(store.database, "one#1"), Leases(store.database, "two#1")
    one.refresh()
    one.release()
    assert len(two.refresh()) == 64


def first_seen(exchange):
    """Revisions by aggregate, in the order of their first appearance."""
    seen = {}
    for row in exchange.published:
        revisions = seen.setdefault(row.key, [])
        if (revision := int(orjson.loads(row.body)["sequence"])) not in revisions:
            revisions.append(revision)
    return seen


def test_verdicts_start_empty():
    assert Verdicts() == Verdicts(set(), {})


class Counting(Event):
    """Says how often somebody rested; nobody really does."""

    def __init__(self):
        super().__init__()
        self.rests = []

    def wait(self, timeout=None):
        self.rests.append(timeout)


class Followed(MemoryExchange):
    """While it publishes the first window, as many rows again are committed."""

    def publish(self, rows):
        if not self.published:
            say_many(self.store, "second", len(rows))
        else:
            self.stop.set()
        return super().publish(rows)


def say_many(store, name, count):
    with store.begin() as work:
        for number in range(count):
            work.collect(Key("app", "task", f"{name}{number}"), CreateTask(UserTask(f"{name}{number}", "app")))


@each_database
@pytest.mark.parametrize(("count", "rests"), [(FEW_ROWS - 1, 1), (FEW_ROWS, 0)])
def test_busy_with_few_rows_a_publisher_rests_for_a_moment_and_within_a_backlog_never(store, count, rests):
    exchange, stop = Followed(), Counting()
    exchange.store, exchange.stop = store, stop
    say_many(store, "first", count)
    assert publisher(store, exchange).run(60, stop) == 2 * count
    assert len(stop.rests) == rests
    assert all(0 < rest <= REST_SECONDS for rest in stop.rests)
