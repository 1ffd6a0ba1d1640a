"""Jobs are taken once, given back when their lock passes, and gone when they are no longer wanted."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import insert

from domain.engine_job import EngineJob
from store.engine.incidents import JOB, Incidents, NoIncident
from store.engine.instances import Instances
from store.engine.jobs import Jobs, Order, Taker, Wanted
from store.sql.database import clock
from store.sql.schema import instance
from tests.store.databases import each_database, on_disk, rows

NOW = 1_800_000_000.0
JOB_1 = EngineJob("j1", "i", "i", "d:1", "d", "K-1", "pay", "payments", "external")
PAYMENTS = [Wanted("payments", 10)]
"""Where two can ask at the same moment."""


@pytest.fixture
def jobs(database):
    """Every call is a transaction of its own."""
    with database.transaction() as connection:
        row = {"application": "app", "definition_id": "d:1", "finished": False, "version": 1}
        made = [{**row, "instance_id": name, "state": f"saved {name}"} for name in ("i", "other")]
        connection.execute(insert(instance), made)
    return Transactions(database)


class Transactions:
    def __init__(self, database):
        self.database = database

    def __getattr__(self, name):
        def call(*arguments, **options):
            with self.database.transaction() as connection:
                return getattr(Jobs(connection, "app"), name)(*arguments, **options)

        return call

    def named(self, wanted, worker, most, now, **order):
        taken = self.take("external", wanted, Taker(worker, most, Order(**order)), now)
        return [one.stored.job.job_id for one in taken]


def opened(jobs, *ids, **others):
    for name in ids:
        jobs.open(replace(JOB_1, job_id=name, **others))


@each_database
def test_one_that_is_taken_is_nobody_elses_until_its_lock_has_passed(jobs):
    opened(jobs, "j1")
    [taken] = jobs.take("external", PAYMENTS, Taker("ann", 10), NOW)
    assert (taken.stored.job, taken.state) == (JOB_1, "saved i")
    assert (taken.stored.worker_id, taken.stored.lock_end, taken.stored.locks) == ("ann", NOW + 10, 1)
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 9.9) == []
    assert jobs.find("j1").is_locked_by("ann", NOW + 9.9)
    assert not jobs.find("j1").is_locked_by("bob", NOW + 9.9)
    assert not jobs.find("j1").is_locked_by("ann", NOW + 10)
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 10) == ["j1"]
    assert (jobs.find("j1").worker_id, jobs.find("j1").locks) == ("bob", 2)


@each_database
def test_the_most_urgent_first_or_the_oldest_and_no_more_than_wanted(jobs):
    for priority, name in ((1, "a"), (5, "b"), (3, "c")):
        opened(jobs, name, priority=priority)
    assert jobs.named(PAYMENTS, "ann", 2, NOW) == ["b", "c"]
    assert jobs.named(PAYMENTS, "ann", 2, NOW) == ["a"]
    assert jobs.named(PAYMENTS, "ann", 2, NOW + 10, by_priority=False) == ["a", "b"]
    assert jobs.named(PAYMENTS, "ann", 1, NOW + 20, by_priority=False, newest_first=True) == ["c"]


@each_database
def test_only_what_is_within_the_restrictions_of_its_topic(jobs):
    opened(jobs, "key", business_key="K-2")
    opened(jobs, "definition", definition_key="e", definition_id="e:1")
    opened(jobs, "other", topic="letters")
    opened(jobs, "saved", root_id="other", business_key=None)
    opened(jobs, "inside", kind="job")
    assert jobs.available("external", ["payments", "letters", "none"], NOW) == {"payments", "letters"}
    assert jobs.named([Wanted("payments", 10, business_key="K-2")], "ann", 10, NOW) == ["key"]
    assert jobs.named([Wanted("payments", 10, definition_keys=("e",))], "ann", 10, NOW) == ["definition"]
    assert jobs.named([Wanted("payments", 10, definition_ids=("f:1",))], "ann", 10, NOW) == []
    nothing = [Wanted("payments", 10, accepts=lambda _job, _state: False), Wanted("nothing", 10)]
    assert (jobs.is_wanted("external", PAYMENTS, NOW), jobs.is_wanted("external", nothing, NOW)) == (True, False)
    accepts = [Wanted("payments", 10, accepts=lambda _job, state: state == "saved other")]
    assert jobs.named(accepts, "ann", 1, NOW) == ["saved"]
    assert jobs.named([Wanted("letters", 5)], "ann", 10, NOW) == ["other"]
    assert jobs.find("other").lock_end == NOW + 5
    assert jobs.available("external", ["payments", "letters"], NOW) == frozenset()
    assert jobs.available("job", ["payments"], NOW) == {"payments"}


@each_database
def test_of_an_instance_that_has_ended_nothing_is_taken(jobs, database):
    opened(jobs, "j1")
    with database.transaction() as connection:
        Instances(connection, "app").end("i", "{}")
    assert jobs.find("j1") is None
    opened(jobs, "late")
    assert jobs.named(PAYMENTS, "ann", 10, NOW) == []


@each_database
def test_one_that_failed_waits_and_one_without_tries_waits_for_an_operator(jobs):
    opened(jobs, "j1")
    jobs.named(PAYMENTS, "ann", 10, NOW)
    jobs.put_off("j1", 2, NOW + 60, "no bank", "at line 1")
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 59) == []
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 60) == ["j1"]
    found = jobs.find("j1")
    assert (found.job.retries, found.error_message, found.error_details) == (2, "no bank", "at line 1")
    jobs.put_off("j1", 0, NOW, "no bank", None)
    assert jobs.find("j1").state == "failed"
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 1000) == []
    assert jobs.set_retries("j1", 1)
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 1000) == ["j1"]
    assert not jobs.set_retries("nothing", 1)


@each_database
def test_a_lock_is_extended_by_who_has_it_and_given_back_by_anybody(jobs):
    opened(jobs, "j1")
    jobs.named(PAYMENTS, "ann", 10, NOW)
    assert not jobs.extend("j1", "bob", NOW + 50, NOW)
    assert jobs.extend("j1", "ann", NOW + 50, NOW + 9)
    assert not jobs.extend("j1", "ann", NOW + 90, NOW + 50), "it had passed"
    assert jobs.named(PAYMENTS, "bob", 10, NOW + 49) == []
    assert jobs.unlock("j1")
    assert jobs.lock("j1", "bob", NOW + 99, NOW + 49).worker_id == "bob"
    assert jobs.lock("j1", "ann", NOW + 99, NOW + 49) is None
    assert not jobs.unlock("nothing")


@each_database
def test_what_is_opened_again_stays_and_what_is_closed_is_gone(jobs):
    opened(jobs, "j1")
    jobs.named(PAYMENTS, "ann", 10, NOW)
    opened(jobs, "j1", topic="letters")
    assert (jobs.find("j1").job.topic, jobs.find("j1").worker_id) == ("payments", "ann")
    assert jobs.close("j1").job == JOB_1
    assert jobs.close("j1") is None
    assert jobs.find("j1") is None


@each_database
def test_a_last_try_that_ended_its_worker_is_found(jobs):
    opened(jobs, "j1", kind="job")
    jobs.take("job", PAYMENTS, Taker("ann", 1), NOW)
    jobs.count_try("j1", 0)
    assert (jobs.held("job", NOW + 9), jobs.held("job", NOW + 10)) == (1, 0)
    assert jobs.abandoned("job", NOW + 9, 10) == []
    assert [one.job.job_id for one in jobs.abandoned("job", NOW + 10, 10)] == ["j1"]


@on_disk
def test_of_many_who_ask_at_the_same_moment_each_gets_others(jobs):
    names = {f"j{number}" for number in range(40)}
    opened(jobs, *names)
    together, got = threading.Barrier(4, timeout=10), []

    def ask(worker):
        together.wait()
        while taken := jobs.named(PAYMENTS, worker, 3, NOW):
            got.extend(taken)

    threads = [threading.Thread(target=ask, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(got) == sorted(names)


@each_database
def test_each_job_that_failed_has_an_incident_which_gives_it_new_tries(jobs, database):
    opened(jobs, "j1", "j2")
    for name in ("j1", "j2", "j1"):
        jobs.put_off(name, 0, NOW, "no bank", None)
        with database.transaction() as connection:
            Incidents(connection).open("i", JOB, "pay", {"detail": "no bank", "job": name}, 3)
    with database.transaction() as connection:
        first, second = sorted(Incidents(connection).find(), key=lambda one: one.problem["job"])
        Incidents(connection).retry(first.incident_id, "admin", "2026-01-01T00:00:00.000Z")
        now = clock(connection)
    found = jobs.find("j1")
    assert (found.state, found.job.retries) == ("open", 3)
    assert found.due <= now
    assert (jobs.find("j2").state, jobs.find("j2").job.retries) == ("failed", 0)
    assert rows(jobs, "SELECT due, failures FROM instance WHERE instance_id = 'i'") == [(None, 0)]
    with database.transaction() as connection:
        assert Incidents(connection).resolve(second.incident_id, "admin").state == "resolved"
    assert jobs.find("j2").state == "failed", "given up"


@each_database
def test_the_incident_of_a_job_that_is_no_longer_wanted_is_closed(jobs, database):
    opened(jobs, "j1")
    jobs.put_off("j1", 0, NOW, "no bank", None)
    with database.transaction() as connection:
        Incidents(connection).open("i", JOB, "pay", {"job": "j1"}, 3)
        [found] = Incidents(connection).find()
        Instances(connection, "app").close_job("j1")
        assert Incidents(connection).one(found.incident_id).state == "cancelled"
        with pytest.raises(NoIncident):
            Incidents(connection).retry(found.incident_id, "admin", "")
