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

from domain.errors import ExecutionFailed, NewerState, StoreUnavailable
from domain.values import iso
from store.engine.due import due_instances
from store.engine.incidents import COMMAND, Incidents
from store.engine.instances import Instances
from store.engine.overruns import Overrun, Overruns
from store.sql.schema import incident as incident_table
from store.sql.schema import instance
from tasks.timers import AFTER_THE_LAST, PAUSES, TRIES, Timers
from tests.store.databases import each_database, on_disk, rows
from tests.tasks.reminders import ALARMED, REMINDED, reminding, utc_now

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


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
        return Timers(self.store.database, begin or self.store.begin, self.application.engine_of, utc_now).fire_due()

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


@each_database
def test_a_signal_to_very_many_is_handed_over_one_by_one(store, monkeypatch):
    monkeypatch.setattr("engines.spiff.messages.AT_ONCE", 2)
    application = reminding(store)
    application.deploy(ALARMED)
    begun = []
    for _ in range(5):
        with application.unit_of_work() as work:
            begun.append(work.engine.start("alarmed", {}))
    with application.unit_of_work() as work:
        assert work.engine.signal("alarm", {"loud": 1})["processInstanceIds"] == sorted(begun)

    def reached():
        [(tasks,)] = rows(store, "SELECT count(*) FROM event WHERE routing_key LIKE 'task.created.%'")
        return tasks

    assert reached() == 2
    with store.database.transaction() as connection:
        # As operators end one without bringing it to life: what is owed to it goes with it.
        [(gone,)] = connection.execute(text("SELECT root_id FROM owed_event ORDER BY number LIMIT 1"))
        Instances(connection, store.database.application).end(gone, "{}")
    timers = Timers(store.database, store.begin, application.engine_of, utc_now)
    assert len(rows(store, "SELECT * FROM owed_event")) == 2
    assert [timers.fire_due(), timers.fire_due()] == [2, 0]
    assert (reached(), rows(store, "SELECT * FROM owed_event")) == (4, [])


@on_disk
def test_of_two_who_fire_a_due_timer_at_the_same_moment_one_does(store, monkeypatch):
    overdue, both_found_it = Overdue(store), threading.Barrier(2, timeout=10)

    @contextmanager
    def begin(origin):
        with store.begin(origin) as work:
            yield work
            time.sleep(0.3)  # moved and not committed: now the other would load what was before

    def both(connection, now):
        found = due_instances(connection, now)
        both_found_it.wait()
        return found

    monkeypatch.setattr("tasks.timers.due_instances", both)
    moved = []
    threads = [threading.Thread(target=lambda: moved.append(overdue.fire(begin))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(moved) == [0, 1], "both came to their end"
    monkeypatch.undo()
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
    if afterwards:
        # The try of who was killed is counted, and followed by a pause.
        assert rows(store, "SELECT failures FROM instance") == [(1,)]
        later = datetime.now(UTC) + PAUSES[0]
        assert Timers(store.database, store.begin, overdue.application.engine_of, lambda: later).fire_due() == 1
    assert overdue.fire() == 0
    assert overdue.times_fired() == 1


class Clockwork:
    """Fails for some instances and, as an engine does, saves the others with a later timer."""

    def __init__(self, work, failing, fired):
        self._memory, self._failing, self._fired = Instances(work.connection, "app"), failing, fired

    def fire_timers(self, instance_id):
        if instance_id in self._failing:
            raise self._failing[instance_id] if isinstance(self._failing, dict) else ExecutionFailed("unreadable timer")
        self._fired.append(instance_id)


def put(store, *names):
    row = {"application": "app", "definition_id": "d", "state": "{}", "finished": False, "version": 1}
    with store.database.transaction() as connection:
        overdue = [iso(NOW - timedelta(hours=1) + timedelta(seconds=number)) for number in range(len(names))]
        made = [{**row, "instance_id": name, "due": due} for name, due in zip(names, overdue, strict=True)]
        connection.execute(insert(instance), made)


def fire(store, failing, now=NOW):
    fired = []
    Timers(store.database, store.begin, lambda work: Clockwork(work, failing, fired), lambda: now).fire_due()
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
    assert pauses == [pause.total_seconds() for pause in PAUSES]
    with store.begin() as work:
        memory = Instances(work.connection, "app")
        memory.save(memory.load("bad"))
    assert rows(store, "SELECT failures FROM instance") == [(0,)]


@each_database
def test_one_that_moved_on_meanwhile_is_left_alone(store):
    put(store, "bad")
    later = iso(NOW + timedelta(days=1))
    with store.database.transaction() as connection:
        connection.execute(instance.update().values(due=later))
    assert fire(store, {"bad"}) == []
    assert rows(store, "SELECT due, failures FROM instance") == [(later, 0)]


def fail_five_times(store, failing):
    now = NOW
    for tried in range(TRIES):
        assert open_incidents(store) == []
        fire(store, failing, now)
        now += PAUSES[min(tried, len(PAUSES) - 1)]
    return now


def open_incidents(store):
    with store.database.reading() as connection:
        return Incidents(connection).find()


@each_database
def test_after_five_tries_it_is_an_incident_and_no_longer_tried(store):
    put(store, "bad", "good")
    with store.database.transaction() as connection:
        connection.execute(instance.update().where(instance.c.instance_id == "good").values(due=None))
    now = fail_five_times(store, {"bad"})
    [incident] = open_incidents(store)
    assert (incident.instance_id, incident.kind, incident.tries, incident.state) == ("bad", "timer", 5, "open")
    assert incident.problem["detail"] == "unreadable timer"
    fired = []
    assert Timers(store.database, store.begin, lambda work: Clockwork(work, {}, fired), lambda: now).fire_due() == 0
    assert fired == []


@each_database
def test_looks_that_could_not_be_written_down_are_no_tries(store):
    put(store, "bad")
    with store.database.transaction() as connection:
        connection.execute(instance.update().values(failures=7))
    assert fire(store, {"bad"}) == []
    assert [incident.tries for incident in open_incidents(store)] == [5]


class Wordless(Exception):
    """A service's own error, which fails in saying what it is."""

    def __str__(self):
        raise RuntimeError


@each_database
@pytest.mark.parametrize(
    ("bug", "said"), [(ZeroDivisionError("by nothing"), "ZeroDivisionError: by nothing"), (Wordless(), "Wordless: ")]
)
def test_an_incident_of_a_bug_says_which(store, caplog, bug, said):
    put(store, "bad")
    with caplog.at_level("CRITICAL"):
        fail_five_times(store, {"bad": bug})
    [incident] = open_incidents(store)
    assert incident.problem["detail"] == said


@each_database
def test_an_operator_has_it_tried_again_or_gives_it_up(store):
    put(store, "bad")
    now = fail_five_times(store, {"bad"})
    [incident] = open_incidents(store)
    with store.database.transaction() as connection:
        retried = Incidents(connection).retry(incident.incident_id, "admin", iso(now))
    assert (retried.state, retried.operator) == ("retried", "admin")
    assert open_incidents(store) == []
    assert fire(store, set(), now) == ["bad"]
    with store.database.transaction() as connection:
        connection.execute(instance.update().values(due=iso(NOW), failures=0))
    fail_five_times(store, {"bad"})
    [incident] = open_incidents(store)
    with store.database.transaction() as connection:
        assert Incidents(connection).resolve(incident.incident_id, "admin").state == "resolved"
    assert fire(store, set(), now + timedelta(days=1)) == []


@each_database
def test_tries_that_end_their_worker_are_counted_before_and_become_an_incident_with_their_reason(store, tmp_path):
    """A killed process leaves nothing but what was committed before it."""
    put(store, "bomb")
    overruns = Overruns(tmp_path / "overruns")

    class Bomb:
        def fire_timers(self, _instance_id):
            overruns.note(Overrun("bomb", "bomb", "fork", "time"))
            raise KeyboardInterrupt

    now = NOW
    for tried in range(TRIES):
        timers = Timers(store.database, store.begin, lambda _work: Bomb(), lambda now=now: now, overruns)
        with pytest.raises(KeyboardInterrupt):
            timers.fire_due()
        assert rows(store, "SELECT failures FROM instance") == [(tried + 1,)]
        now += PAUSES[tried] if tried < len(PAUSES) else AFTER_THE_LAST
    assert Timers(store.database, store.begin, lambda _work: Bomb(), lambda: now, overruns).fire_due() == 0
    [incident] = open_incidents(store)
    assert (incident.element, incident.problem["type"]) == ("fork", "urn:taskpool:problem/budget-exceeded")


@each_database
def test_one_that_only_a_newer_program_can_read_keeps_nobody_from_their_turn(store):
    put(store, "newer", "good")
    fired = []
    failing = {"newer": NewerState("saved by 2.0")}
    with pytest.raises(NewerState):
        Timers(store.database, store.begin, lambda work: Clockwork(work, failing, fired), lambda: NOW).fire_due()
    assert fired == ["good"]
    later, tries = rows(store, "SELECT due, failures FROM instance WHERE instance_id = 'newer'")[0]
    assert (later, tries) == (iso(NOW + PAUSES[0]), 0), "no try is lost, and it is not tried all the time"


@each_database
def test_an_incident_of_a_command_stops_no_timer(store):
    put(store, "busy")
    with store.database.transaction() as connection:
        assert Incidents(connection).open("busy", COMMAND, "pay", {"detail": "d"}, 5)
        [incident] = Incidents(connection).find()
    assert fire(store, set()) == ["busy"]
    later = iso(NOW + timedelta(days=9))
    for decide in (
        lambda incidents, name: incidents.retry(name, "admin", later),
        lambda incidents, name: incidents.resolve(name, "admin"),
    ):
        with store.database.transaction() as connection:
            connection.execute(instance.update().values(due=iso(NOW), failures=2))
            connection.execute(incident_table.update().values(state="open"))
            decide(Incidents(connection), incident.incident_id)
        assert rows(store, "SELECT due, failures FROM instance") == [(iso(NOW), 2)], "its timers are as they were"
        assert open_incidents(store) == []


@each_database
def test_an_outage_is_no_try(store):
    put(store, "good")

    class Away:
        def fire_timers(self, _instance_id):
            raise StoreUnavailable

    for _ in range(TRIES + 2):
        with pytest.raises(StoreUnavailable):
            Timers(store.database, store.begin, lambda _work: Away(), lambda: NOW).fire_due()
    assert rows(store, "SELECT failures FROM instance") == [(0,)]
    assert fire(store, set()) == ["good"]
