"""Jobs of an application: at least once in no transaction, their result once; what fails is tried again, then waits."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from threading import Event

import pytest

from domain.engine_job import JOB
from domain.errors import BpmnError, StoreUnavailable
from store.engine.incidents import Incidents
from store.engine.jobs import Jobs, Taker, Wanted
from store.engine.overruns import Overrun, Overruns
from store.sql.database import clock
from store.sql.schema import job as job_table
from tasks.application import ProcessApplication
from tasks.job_code import JobCode
from tests.store.databases import each_database, on_disk, rows
from tests.tasks.letters import SENDING, runner, sending

ROOT = Path(__file__).parents[2]
"""Where several connections are at work, or a process can die."""


class Post:
    """An application with one instance that waits for its letter to be sent by `send`."""

    def __init__(self, store, send, **options):
        self.store, self.application = store, sending(store, send, **options)
        self.application.deploy(SENDING)
        with self.application.unit_of_work() as work:
            self.instance = work.engine.start("sending", {"to": "ann"})

    def run(self, **others):
        return runner(self.store, self.application, **others).run_due(Event())

    def at(self):
        """The tasks that were made."""
        found = rows(self.store, "SELECT state FROM aggregate WHERE aggregate = 'task'")
        return sorted(state[0].partition('"taskDefinitionKey":"')[2].partition('"')[0] for state in found)

    def change(self, **values):
        with self.store.database.transaction() as connection:
            connection.execute(job_table.update().values(**values))

    def job(self):
        with self.store.database.reading() as connection:
            found = Jobs(connection, self.application.name)
            return next((found.find(row[0]) for row in connection.execute(job_table.select())), None)

    def incidents(self):
        with self.store.database.reading() as connection:
            return Incidents(connection).find()


@each_database
def test_its_result_is_the_processs(store):
    seen = []

    def send(context, variables):
        seen.append((context.job.element, context.attempt, context.is_wanted, variables))
        assert not rows_locked(store)
        return {"sent": True}

    post = Post(store, send)
    assert post.at() == []
    assert (post.job().job.kind, post.job().job.topic) == (JOB, "letter")
    assert [post.run(), post.run()] == [1, 0]
    assert seen == [("send", 1, True, {"to": "ann"})]
    assert post.at() == ["read"]
    assert '"sent":true' in rows(store, "SELECT state FROM aggregate WHERE aggregate = 'task'")[0][0]
    assert post.job() is None


def rows_locked(store):
    """Whether a transaction is open on the only connection there is."""
    return store.database.is_sqlite and store.database.engine.raw_connection().driver_connection.in_transaction


@each_database
def test_an_error_of_the_business_goes_the_way_the_model_has_for_it(store):
    def send(_context, _variables):
        raise BpmnError("unknown", "nobody of that name", {"searched": 3})

    post = Post(store, send)
    assert post.run() == 1
    assert post.at() == ["find"]
    assert '"searched":3' in rows(store, "SELECT state FROM aggregate WHERE aggregate = 'task'")[0][0]


@pytest.mark.parametrize("reason", [ZeroDivisionError("by nothing"), StoreUnavailable("its own database"), "nothing"])
@each_database
def test_what_fails_is_tried_again_after_a_pause_and_then_is_an_incident(store, reason, caplog):
    def send(_context, _variables):
        if isinstance(reason, Exception):
            raise reason
        return reason

    post = Post(store, send, retries=2, backoff=60)
    with caplog.at_level("CRITICAL"):
        assert [post.run(), post.run()] == [1, 0], "not before its pause is over"
        found = post.job()
        with store.database.reading() as connection:
            assert found.due - clock(connection) == pytest.approx(60, abs=10)
        assert (found.job.retries, found.lock_end, found.state) == (1, None, "open")
        assert "Traceback" in found.error_details
        assert post.incidents() == []
        post.change(due=1.0)
        assert [post.run(), post.run()] == [1, 0]
    [incident] = post.incidents()
    assert (incident.instance_id, incident.kind, incident.element, incident.tries) == (post.instance, "job", "send", 2)
    assert incident.problem["detail"] == found.error_message == post.job().error_message
    assert found.error_message.startswith(
        type(reason).__name__ if isinstance(reason, Exception) else "TypeError: a job"
    )
    assert (post.job().state, post.at()) == ("failed", [])


@each_database
def test_an_operator_has_it_tried_again(store, caplog):
    broken = [True]

    def send(_context, _variables):
        if broken:
            raise ZeroDivisionError

    post = Post(store, send, retries=1)
    with caplog.at_level("CRITICAL"):
        post.run()
    [incident] = post.incidents()
    broken.clear()
    assert post.run() == 0
    with store.database.transaction() as connection:
        assert Incidents(connection).retry(incident.incident_id, "admin", "").state == "retried"
    assert post.run() == 1
    assert (post.at(), post.incidents()) == (["read"], [])


@each_database
def test_the_result_of_one_that_was_cancelled_meanwhile_is_dropped(store, caplog):
    def send(_context, _variables):
        with post.application.unit_of_work() as work:
            work.engine.cancel(post.instance, None)
        return {"sent": True}

    post = Post(store, send)
    assert post.run() == 1
    assert "job_result_dropped" in caplog.text
    assert (post.at(), post.incidents()) == ([], [])
    assert rows(store, "SELECT failures FROM instance") == [(0,)]


@each_database
def test_one_that_was_taken_over_meanwhile_has_no_effect(store):
    def slow(context, _variables):
        if context.attempt == 1:
            post.change(lock_end=1.0)
            assert post.run(owner="two") == 1
        return {"by": context.attempt}

    post = Post(store, slow)
    post.run()
    [(state,)] = rows(store, "SELECT state FROM aggregate WHERE aggregate = 'task'")
    assert '"by":2' in state


@each_database
def test_one_that_somebody_else_does_by_now_is_left_to_them(store, caplog):
    def slow(_context, _variables):
        post.change(lock_end=1.0)
        with store.database.transaction() as connection:
            jobs, now = Jobs(connection, post.application.name), clock(connection)
            assert jobs.take(JOB, [Wanted("letter", 60)], Taker("two", 1), now)
        return {"sent": True}

    post = Post(store, slow)
    assert post.run() == 1
    assert "job_result_dropped" in caplog.text
    assert (post.at(), post.job().worker_id) == ([], "two")


@on_disk
def test_a_long_one_keeps_its_lock_and_hears_when_nobody_waits_any_more(store):
    taken_by_others, heard = [], []

    def slow(context, _variables):
        until = time.monotonic() + 1.2
        while time.monotonic() < until:
            taken_by_others.append(post.run(owner="two"))
            time.sleep(0.1)
        with post.application.unit_of_work() as work:
            work.engine.cancel(post.instance, None)
        while context.is_wanted and time.monotonic() < until + 5:
            time.sleep(0.02)
        heard.append(not context.is_wanted)

    post = Post(store, slow)
    assert post.run(lease=0.6) == 1
    assert sum(taken_by_others) == 0
    assert heard == [True]


@on_disk
def test_who_dies_in_the_middle_leaves_it_to_the_next_when_the_lease_has_passed(store):
    post = Post(store, lambda _context, _variables: {"sent": True}, retries=2)
    url = store.database.engine.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-m", "tests.tasks.letters", url, post.application.name]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert post.job().worker_id == "dying"
    deadline = time.monotonic() + 10
    while not post.run() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert post.at() == ["read"]


@each_database
@pytest.mark.parametrize("readable", [True, False])
def test_tries_that_end_their_process_are_counted_and_become_an_incident(store, tmp_path, readable, caplog):
    def send(_context, _variables):
        raise KeyboardInterrupt

    post, overruns = Post(store, send, retries=2), Overruns(tmp_path)
    for left in (1, 0):
        with pytest.raises(KeyboardInterrupt):
            post.run()
        assert post.job().job.retries == left
        assert post.run() == 0, "until its lease has passed it may still be at work"
        post.change(lock_end=1.0)
    if not readable:
        with store.database.transaction() as connection:
            connection.exec_driver_sql("UPDATE instance SET state = '{'")
    overruns.note(Overrun(post.instance, post.instance, "send", "memory"))
    with caplog.at_level("CRITICAL"):
        assert post.run(overruns=overruns) == 0
    [incident] = post.incidents()
    assert "more memory than a step may" in incident.problem["detail"]
    assert (post.job().state, incident.tries) == ("failed", 2)


@each_database
def test_a_store_that_is_away_for_the_result_is_no_try_and_the_result_is_told_when_it_is_back(store, monkeypatch):
    post = Post(store, lambda _context, _variables: {"sent": True})
    made, away = runner(store, post.application), [2]
    begin = made.begin

    def sometimes(origin):
        if away[0]:
            away[0] -= 1
            raise StoreUnavailable
        return begin(origin)

    object.__setattr__(made, "begin", sometimes)
    assert made.run_due(Event()) == 1
    assert post.at() == ["read"]

    post = Post(store, lambda _context, _variables: {"sent": True})
    made, away[0] = runner(store, post.application), 10_000
    object.__setattr__(made, "begin", sometimes)
    monkeypatch.setattr("tasks.run_jobs.PATIENCE_SECONDS", 0.1)
    with pytest.raises(StoreUnavailable):
        made.run_due(Event())
    assert (post.job().job.retries, post.job().lock_end) == (3, None)


@on_disk
def test_no_more_than_two_at_once_so_that_people_are_answered(store):
    inside, at_most, enough = [], [], threading.Barrier(2, timeout=10)

    def send(_context, _variables):
        inside.append(1)
        at_most.append(len(inside))
        if len(at_most) <= 2:
            enough.wait()
            time.sleep(0.5)
        inside.pop()

    post = Post(store, send)
    for _ in range(3):
        with post.application.unit_of_work() as work:
            work.engine.start("sending", {})
    done = []
    threads = [threading.Thread(target=lambda n=n: done.append(post.run(owner=f"w{n}"))) for n in range(2)]
    for thread in threads:
        thread.start()
    while len(at_most) < 2:
        time.sleep(0.01)
    assert post.run(owner="third") == 0
    for thread in threads:
        thread.join(timeout=20)
    assert sum(done) == 4
    assert max(at_most) == 2


def test_pauses_grow_to_an_hour():
    code = JobCode(lambda _context, _variables: None, 3, 10)
    assert [code.pause_after(tries) for tries in (0, 1, 2, 3, 1000)] == [10, 10, 20, 40, 3600]


def test_what_cannot_be_registered():
    application = ProcessApplication("app")
    application.service("taken")(print)
    for name, options in (("taken", {}), ("x", {"retries": 0}), ("x", {"backoff": -1})):
        with pytest.raises(ValueError, match=name):
            application.job(name, **options)
