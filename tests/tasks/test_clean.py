"""Cleaning: by age, in bounded lots, by one at a time, and never what is unsent."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from threading import Event
from time import monotonic, sleep, time
from uuid import uuid4

import pytest
from sqlalchemy import insert

from domain.aggregates.task import CreateTask, UserTask
from domain.errors import StoreUnavailable
from domain.identity import Key
from settings import InvalidSetting, Retention, Settings
from store.retention.rows import CleanerLease
from store.sql.schema import inbox, outbox, received, unparked
from tasks.operate.clean import PAUSE_SECONDS, Cleaner
from tests.store.databases import KINDS, each_database, rows

DAY = 24 * 3600
STEP_SECONDS = 0.2


def cleaner(store, owner="one", seconds=60.0, **options):
    lease = CleanerLease(store.database, owner, seconds)
    return Cleaner(
        store.database, None, None, Retention(), lease, lambda: datetime.now(UTC), **{"pause": 0.0, **options}
    )


def fill(store, table, made):
    with store.database.transaction() as connection:
        connection.execute(insert(table), made)


def record(number, days, state="done"):
    name = {"application": "app", "record_id": f"r{number}", "subject": "", "body": "{}"}
    return {**name, "time": time() - days * DAY, "state": state}


@each_database
def test_only_what_is_old_goes_and_in_small_lots(store):
    handled = [{"consumer": "command", "message_id": f"m{n}", "received": time() - n * DAY} for n in range(10)]
    fill(store, inbox, handled)
    fill(store, received, [record(n, n) for n in range(12)])
    assert cleaner(store, lot=3).run(Event()) == {"inbox": 8, "received": 5, "unparked": 0}
    assert rows(store, "SELECT message_id FROM inbox ORDER BY 1") == [("m0",), ("m1",)]
    assert rows(store, "SELECT count(*) FROM received") == [(7,)]
    assert cleaner(store, lot=3).run(Event()) == {"inbox": 0, "received": 0, "unparked": 0}


@each_database
def test_what_waits_or_is_in_quarantine_stays_however_old(store):
    fill(store, received, [record(1, 400, "new"), record(2, 400, "quarantined"), record(3, 400)])
    with store.begin() as work:
        work.collect(Key("app", "task", "t"), CreateTask(UserTask("t", "app")))
    with store.database.transaction() as connection:
        connection.execute(outbox.update().values(created=0.0))
    cleaner(store).run(Event())
    assert rows(store, "SELECT state FROM received ORDER BY record_id") == [("new",), ("quarantined",)]
    assert rows(store, "SELECT count(*) FROM outbox") == [(1,)]
    assert rows(store, "SELECT count(*) FROM event") == [(1,)]


@each_database
def test_what_operators_did_about_parked_aggregates_is_forgotten_after_a_year(store):
    done = {"key": "k", "position": 1, "reason": "", "action": "retried", "operator": "ann", "first_seen": 0.0}
    fill(store, unparked, [done | {"time": time() - days * DAY} for days in (500, 400, 366, 364, 1)])
    assert cleaner(store, lot=2).run(Event())["unparked"] == 3
    assert rows(store, "SELECT count(*) FROM unparked") == [(2,)]


def written(store, stop):
    """How long each of many units of work took, and when it was done, until told to stop."""
    while not stop.is_set():
        began = monotonic()
        number = uuid4().hex
        with store.begin() as work:
            work.collect(Key("app", "task", number), CreateTask(UserTask(number, "app")))
        yield monotonic() - began, monotonic()


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_who_writes_meanwhile_waits_for_a_lot_and_not_for_all_of_them(store):
    fill(store, inbox, [{"consumer": "c", "message_id": f"m{n}", "received": 0.0} for n in range(100)])
    stop, steps = Event(), []
    begin = store.database.transaction

    class Slow:
        """The same database, as if removing a lot took a while."""

        is_sqlite = store.database.is_sqlite

        @contextmanager
        def transaction(self):
            with begin() as connection:
                yield connection
                sleep(STEP_SECONDS)
            steps.append(monotonic())

    slow = replace(cleaner(store, lot=10, pause=PAUSE_SECONDS), database=Slow())
    with ThreadPoolExecutor() as pool:
        writing = pool.submit(lambda: list(written(store, stop)))
        removed = slow.run(Event())
        stop.set()
        waits, ends = zip(*writing.result(), strict=True)
    assert removed == {"inbox": 100, "received": 0, "unparked": 0}
    assert rows(store, "SELECT count(*) FROM inbox") == [(0,)]
    between = [any(earlier < end < later for end in ends) for earlier, later in pairwise(steps)]
    assert len(between) >= 10
    assert between.count(True) >= len(between) / 2
    assert max(waits) < 5 * STEP_SECONDS, sorted(waits)[-5:]


@each_database
def test_d26_one_cleans_at_a_time_and_another_takes_over_when_the_lease_has_passed(store):
    fill(store, inbox, [{"consumer": "command", "message_id": "m", "received": 0.0}])
    assert CleanerLease(store.database, "first", 60.0).take()
    assert cleaner(store, "second").run(Event()) == {}
    assert CleanerLease(store.database, "first", 0.0).take()
    assert cleaner(store, "second").run(Event())["inbox"] == 1


@each_database
def test_it_ends_when_asked_to_or_when_its_time_is_over(store):
    fill(store, inbox, [{"consumer": "c", "message_id": f"m{n}", "received": 0.0} for n in range(10)])
    stop = Event()
    stop.set()
    assert cleaner(store, lot=1).run(stop) == {}
    assert cleaner(store, lot=1).run(Event(), seconds=0.0) == {}
    assert rows(store, "SELECT count(*) FROM inbox") == [(10,)]


class Away:
    """Views that do not answer."""

    def over(self, kind, before, limit):
        raise StoreUnavailable

    history = over


@each_database
def test_views_that_are_away_keep_nothing_else_from_being_cleaned(store):
    fill(store, inbox, [{"consumer": "c", "message_id": "m", "received": 0.0}])
    one = replace(cleaner(store), views=Away())
    assert one.run(Event()) == {"inbox": 1, "received": 0, "unparked": 0}


@pytest.mark.parametrize("setting", ["INBOX", "COMMANDS"])
def test_a_retention_too_short_to_be_safe_is_refused(setting, tmp_path):
    with pytest.raises(InvalidSetting):
        Settings.from_env({"TASKPOOL_HOME": str(tmp_path), f"TASKPOOL_KEEP_{setting}_HOURS": "0.5"})
