"""A full outbox: nothing new is begun, what was begun goes on, and looking costs next to nothing."""

from datetime import UTC, datetime

import pytest

from domain.access import User
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.identity import Key
from domain.requests.request import Request
from store.engine.received import Received
from store.events.unit_of_work import Store
from store.outbox.admission import OutboxFull, OutboxGauge
from tasks.carry_out import Executor
from tasks.collect import collect
from tests.store.databases import each_database, rows


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def small(database, clock):
    """A store that is full with more than three events."""
    return Store(database, gauge=OutboxGauge(3, 5.0, clock))


def now():
    return datetime(2026, 1, 1, tzinfo=UTC)


def fill(store, count):
    for number in range(count):
        with store.begin() as work:
            work.collect(Key("app", "task", f"t{number}"), CreateTask(UserTask(f"t{number}", "app")))


def admitted(store):
    try:
        with store.begin() as work:
            work.admit()
    except OutboxFull:
        return False
    return True


@each_database
def test_what_is_new_is_refused_beyond_the_limit_and_admitted_again_below_it(small, clock):
    fill(small, 3)
    assert admitted(small)
    with small.begin() as work:
        work.collect(Key("app", "task", "t0"), AssignTask("ann"))
    assert admitted(small), "looked at only every few seconds"
    clock.now = 5.0
    assert not admitted(small)
    rows(small, "DELETE FROM outbox RETURNING 1")
    assert not admitted(small)
    clock.now = 10.0
    assert admitted(small)


@each_database
def test_parked_rows_do_not_count(small):
    fill(small, 9)
    rows(small, "UPDATE outbox SET parked = true RETURNING 1")
    assert admitted(small)


@each_database
def test_a_start_is_answered_503_and_other_commands_are_carried_out(small):
    fill(small, 9)
    executor = Executor(small.begin, lambda _work: None, now)
    times = ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")
    executor.carry_out(Request("c1", "app", "start", User("ann"), *times, arguments={"key": "p"}))
    executor.carry_out(Request("c2", "app", "claim", User("root", ("admins",)), *times, task_id="t1"))
    found = dict(rows(small, "SELECT id, state FROM aggregate WHERE aggregate = 'command'"))
    assert '"status":503' in found["c1"]
    assert "wait to be published" in found["c1"]
    assert '"status":503' not in found["c2"]


@each_database
def test_records_from_outside_wait_and_are_not_lost(small, clock):
    fill(small, 9)
    record = {"id": "r1", "type": "task.created", "time": "2026-01-01T00:00:00Z", "subject": "x", "data": {}}
    with small.begin() as work:
        Received(work.connection).add("outside", [record])
    with pytest.raises(OutboxFull):
        collect(small.begin, now)
    assert rows(small, "SELECT state FROM received") == [("new",)]
    rows(small, "DELETE FROM outbox RETURNING 1")
    clock.now = 5.0
    assert collect(small.begin, now) == 1
