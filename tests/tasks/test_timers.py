"""Timers fire once, whoever fires them; those that fail step back, so that they keep nobody else from their turn."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from domain.errors import ExecutionFailed
from domain.values import iso
from store.instances import Instances
from store.schema import instance
from tasks.timers import fire_due
from tests.store.databases import KINDS, each_database, rows
from tests.tasks.reminders import REMINDED, reminding, utc_now

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
on_disk = pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
"""Where two can be at work at once, or one can die."""


class Overdue:
    """A real engine with one instance whose timer has come."""

    def __init__(self, store):
        self.store, self.application = store, reminding(store)
        with store.database.transaction() as connection:
            connection.execute(text("CREATE TABLE letter (receiver TEXT)"))
        self.application.deploy(REMINDED)
        with self.application.unit_of_work() as work:
            work.engine.start("reminded", {})
        time.sleep(0.2)

    def fire(self, begin=None):
        return fire_due(self.store.database, begin or self.store.begin, self.application.engine_of, utc_now)

    def times_fired(self):
        """By the application's own table, which must agree with the log."""
        [(letters,)] = rows(self.store, "SELECT count(*) FROM letter")
        [(tasks,)] = rows(self.store, "SELECT count(*) FROM event WHERE routing_key LIKE 'task.created.%'")
        assert tasks == 1 + letters
        return letters


@each_database
def test_a_due_timer_fires_once_in_a_real_engine(store):
    overdue = Overdue(store)
    assert overdue.times_fired() == 0
    assert [overdue.fire() for _ in range(3)] == [1, 0, 0]
    assert overdue.times_fired() == 1


@on_disk
def test_of_two_who_fire_a_due_timer_at_the_same_moment_one_does(store):
    overdue, both_found_it = Overdue(store), threading.Barrier(2, timeout=10)

    @contextmanager
    def begin(origin):
        both_found_it.wait()
        with store.begin(origin) as work:
            yield work
            time.sleep(0.3)  # moved and not committed: now the other would load what was before

    moved = []
    threads = [threading.Thread(target=lambda: moved.append(overdue.fire(begin))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(moved) == 2, "both came to their end"
    assert overdue.fire() == 0
    assert overdue.times_fired() == 1


@pytest.mark.parametrize(("moment", "afterwards"), [("before", 1), ("after", 0)])
@on_disk
def test_who_is_killed_around_the_commit_leaves_a_timer_that_fires_once(store, moment, afterwards):
    overdue = Overdue(store)
    url = store.database.engine.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-m", "tests.tasks.reminders", moment, url, overdue.application.name]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert overdue.times_fired() == 1 - afterwards
    assert [overdue.fire() for _ in range(2)] == [afterwards, 0]
    assert overdue.times_fired() == 1


class Clockwork:
    """Fails for some instances and, as an engine does, saves the others with a later timer."""

    def __init__(self, work, failing, fired):
        self._memory, self._failing, self._fired = Instances(work.connection, "app"), failing, fired

    def fire_timers(self, instance_id):
        if instance_id in self._failing:
            raise ExecutionFailed("unreadable timer")
        self._fired.append(instance_id)


def put(store, *names):
    row = {"application": "app", "definition_id": "d", "state": "{}", "finished": False, "version": 1}
    with store.database.transaction() as connection:
        overdue = [iso(NOW - timedelta(hours=1) + timedelta(seconds=number)) for number in range(len(names))]
        made = [{**row, "instance_id": name, "due": due} for name, due in zip(names, overdue, strict=True)]
        connection.execute(insert(instance), made)


def fire(store, failing, now=NOW):
    fired = []
    fire_due(store.database, store.begin, lambda work: Clockwork(work, failing, fired), lambda: now)
    return fired


@each_database
def test_a_hundred_that_fail_do_not_starve_the_next(store):
    failing = {f"bad{number}" for number in range(100)}
    put(store, *sorted(failing), "good")
    assert fire(store, failing) == []
    assert fire(store, failing) == ["good"]


@each_database
def test_the_pause_grows_and_ends_when_the_instance_moves_on(store):
    put(store, "bad")
    now, pauses = NOW, []
    for _ in range(4):
        fire(store, {"bad"}, now)
        due = datetime.fromisoformat(rows(store, "SELECT due FROM instance")[0][0])
        pauses.append((due - now).total_seconds())
        now = due
    assert pauses == [5, 10, 20, 40]
    with store.begin() as work:
        memory = Instances(work.connection, "app")
        memory.save(memory.load("bad"))
    assert rows(store, "SELECT failures FROM instance") == [(0,)]


@each_database
def test_one_that_moved_on_meanwhile_is_left_alone(store):
    put(store, "bad")
    later = iso(NOW + timedelta(days=1))

    class Moving:
        def fire_timers(self, _instance_id):
            raise RuntimeError

    def moves_on(work):
        return Moving()

    with store.database.transaction() as connection:
        connection.execute(instance.update().values(due=later))
    fire_due(store.database, store.begin, moves_on, lambda: NOW)
    assert rows(store, "SELECT due, failures FROM instance") == [(later, 0)]
