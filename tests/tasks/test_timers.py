"""Timers that fail step back, so that they keep nobody else from their turn."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from domain.errors import ExecutionFailed
from domain.values import iso
from store.instances import Instances
from store.schema import instance
from tasks.timers import fire_due
from tests.store.databases import each_database, rows

NOW = datetime(2026, 1, 1, tzinfo=UTC)


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
