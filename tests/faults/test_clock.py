"""A wall clock set wrong and right again: what is promised holds, and nothing waits for the time it once was."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from celery import Celery

from domain.access import User
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.identity import Key
from domain.query.task_query import TaskQuery
from domain.requests.request import Request
from domain.values import iso
from store.fakes.exchange_and_views import MemoryExchange, NoWakeups
from store.live.hub import Hub
from store.messaging.exchange import Verdicts
from store.outbox.lanes import Leases
from store.views.writer import Views
from tasks.carry_out import Executor
from tasks.publish import Publisher
from tests.faults.surroundings import Clock
from tests.read_side import own_views, task, task_key
from tests.store.databases import each_database, rows
from workers.fleet import beat

AHEAD = timedelta(hours=1)
ANNA = User("anna", ("red",))


def clock_ahead():
    return time_machine.travel(datetime.now(UTC) + AHEAD, tick=True)


@each_database
def test_lanes_are_taken_over_from_one_who_died_while_the_clock_was_ahead(store):
    with clock_ahead():
        Leases(store.database, "dead#1").refresh()
        if not store.database.is_sqlite:
            _as_if_the_server_had_been_ahead(store)
    heir = Leases(store.database, "heir#1")
    assert len(heir.refresh()) == 64


def _as_if_the_server_had_been_ahead(store):
    with store.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE lane SET lease_end = lease_end + 3600")
        connection.exec_driver_sql("UPDATE publisher SET seen = seen + 3600")


@each_database
def test_what_failed_while_the_clock_was_ahead_is_tried_again_soon(store):
    with store.begin() as work:
        work.collect(Key("app", "task", "a"), CreateTask(UserTask("a", "app")))

    class Refusing(MemoryExchange):
        def publish(self, window):
            return Verdicts(failed={0: "returned"})

    with clock_ahead():
        assert _publisher(store, Refusing()).ship() == 0
    assert _publisher(store, MemoryExchange()).ship() == 1


def _publisher(store, exchange):
    return Publisher(store.database, exchange, Leases(store.database, "p#1"), NoWakeups())


@each_database
def test_a_command_that_had_expired_is_not_carried_out_when_the_clock_is_right_again(store):
    with store.begin() as work:
        work.collect(Key("app", "task", "a"), CreateTask(UserTask("a", "app", candidate_groups=("red",))))
    now = datetime.now(UTC)
    request = Request("c1", "app", "claim", ANNA, iso(now), iso(now + timedelta(seconds=60)), "a")
    executor = Executor(store.begin, None, lambda: datetime.now(UTC))
    with clock_ahead():
        executor.carry_out(request)
    executor.carry_out(request)
    said = rows(store, "SELECT aggregate, revision FROM event ORDER BY position")
    assert said == [("task", 1), ("command", 1)], "the outcome is `expired`, and stays so"


@each_database
def test_events_written_in_every_order_of_time_are_sent_in_the_order_they_were_committed(store):
    key = Key("app", "task", "a")
    with clock_ahead(), store.begin() as work:
        work.collect(key, CreateTask(UserTask("a", "app")))
    for name in ("anna", "bert"):
        with store.begin() as work:
            work.collect(key, AssignTask(name))
    exchange = MemoryExchange()
    _publisher(store, exchange).ship()
    assert [row.position for row in exchange.published] == [1, 2, 3]


@pytest.mark.servers
def test_deferred_tasks_come_back_though_the_clock_was_ahead_for_a_while(servers):
    with own_views(servers.mongo_url) as database:
        hub = Hub(database)
        hub.start()
        soon = iso(datetime.now(UTC) + timedelta(seconds=4))
        Views(database).apply(task("t1", assignee="anna", follow_up_date=soon))
        query = TaskQuery(ANNA, "")
        with clock_ahead():
            Views(database).apply(task("t2", assignee="anna"))
            early = hub.cursor()
        changes = hub.wait_changes(query, early, 0)
        assert changes.reset, "by that cursor the task had come back already: the list must be read again"
        assert not hub.wait_changes(query, changes.cursor, 0).reset
        seen = hub.wait_changes(query, hub.cursor(), 8)
        hub.stop()
    assert [document["_id"] for document in seen.entered] == [task_key("t1")]


@pytest.mark.faults
def test_beat_goes_on_when_the_clock_is_set_back(tmp_path, monkeypatch):
    monkeypatch.setenv("TASKPOOL_HOME", str(tmp_path))
    (tmp_path / "run").mkdir()
    sent = []
    app = Celery("clock", broker="memory://")
    app.conf.beat_schedule = {"tick": {"task": "tick", "schedule": 1.0}}

    class Noting(beat.WatchedScheduler):
        def apply_entry(self, entry, producer=None):
            sent.append(entry.name)

    scheduler = Noting(app, schedule_filename=str(tmp_path / "beat"))
    with clock_ahead():
        _tick(scheduler, 2.5)
        assert len(sent) >= 2
    sent.clear()
    _tick(scheduler, 2.5)
    scheduler.close()
    assert len(sent) >= 2


def _tick(scheduler, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(min(max(scheduler.tick(), 0.0), 0.2))


def test_who_is_forked_while_the_clock_is_wrong_sees_it_as_wrong_as_its_parent(tmp_path):
    """The faults' own clock: a pool that replaces a child then gave it twice the error."""
    clock = Clock(tmp_path)
    clock.jump(3600)
    script = (
        "import os, time; time.sleep(1); made = os.fork(); time.sleep(1)\n"
        "print(time.time(), flush=True); made and os.waitpid(made, 0)"
    )
    told = subprocess.check_output([sys.executable, "-c", script], env=os.environ | clock.environment)
    assert [abs(float(one) - time.time() - 3600) < 30 for one in told.split()] == [True, True]
