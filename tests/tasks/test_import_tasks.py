"""Importing: what waits in an engine is published once, what it no longer has is ended, after a kill too."""

import gc
import json
import tracemalloc
from functools import partial
from uuid import uuid4

import pytest
from sqlalchemy import insert, select, text

from domain.identity import Key
from engines.spiff.saved import ready_tasks
from store.events.unit_of_work import Store
from store.repair import saved_instances
from store.repair.import_place import ImportPlace
from store.repair.ledger import Ledger
from store.sql.schema import instance
from tasks.application import ProcessApplication
from tasks.operate import import_tasks
from tasks.operate.import_tasks import REASON, TaskImport
from tests.engines.world import one_task
from tests.store.databases import each_database, on_sqlite, rows

TWO = one_task('<userTask id="t" name="Do ${what}"/>')


@pytest.fixture
def application(store, monkeypatch):
    monkeypatch.setattr(saved_instances, "PAGE_ROWS", 2)
    made = ProcessApplication("app")
    made.use(store)
    made.deploy(TWO)
    with made.unit_of_work() as work:
        for number in range(5):
            work.engine.start("p", {"what": number})
    return made


def importing(application, store):
    return TaskImport(application, store.database, ready_tasks, pause=0.01)


def tasks(store):
    found = rows(store, "SELECT state FROM aggregate WHERE aggregate = 'task'")
    return [json.loads(state) for (state,) in found]


def forget_tasks(store, keep=0):
    """As if the engine had been there before the mirror."""
    with store.database.transaction() as connection:
        ids = list(connection.scalars(text("SELECT id FROM aggregate WHERE aggregate = 'task' ORDER BY id")))[keep:]
        connection.execute(text("DELETE FROM outbox"))
        for name in ids:
            for table, column in (("aggregate", "id"), ("event", "aggregate_id")):
                connection.execute(text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": name})
    return ids


@each_database
def test_what_waits_and_is_not_known_is_published_once(store, application):
    forget_tasks(store, keep=1)
    done = importing(application, store).run()
    assert (done.created, done.ended, done.failed) == (4, 0, {})
    assert sorted(task["name"] for task in tasks(store)) == [f"Do {number}" for number in range(5)]
    again = importing(application, store).run()
    assert (again.created, again.ended) == (0, 0)
    assert rows(store, "SELECT count(*) FROM event WHERE aggregate = 'process_instance'") == [(5,)]


@each_database
def test_what_was_imported_is_completed_like_any_other(store, application):
    [name, *_] = forget_tasks(store)
    importing(application, store).run()
    with application.unit_of_work() as work:
        state = work.unit.heads.peek(Key("app", "task", name)).state
        work.engine.complete(state["processInstanceId"], name, {})
    assert [task["state"] for task in tasks(store) if task["engineTaskId"] == name] == ["completed"]


@each_database
def test_what_the_engine_no_longer_has_is_ended_and_says_why(store, application):
    with store.database.transaction() as connection:
        ids = list(connection.scalars(text("SELECT instance_id FROM instance ORDER BY instance_id")))
        connection.execute(text("DELETE FROM instance WHERE instance_id = :id"), {"id": ids[0]})
    task = next(one for one in tasks(store) if one["processInstanceId"] == ids[1])
    with application.unit_of_work() as work:
        work.engine.complete(ids[1], task["engineTaskId"], {})
        work.tasks.create("own", name="no engine made it")
    done = importing(application, store).run()
    assert (done.created, done.ended) == (0, 1)
    [deleted] = [one for one in tasks(store) if one["state"] == "deleted"]
    assert (deleted["processInstanceId"], deleted["deleteReason"]) == (ids[0], REASON)
    assert len([one for one in tasks(store) if one["state"] == "open"]) == 4


@each_database
def test_an_instance_that_cannot_be_read_is_named_and_the_others_are_imported(store, application):
    forget_tasks(store)
    with store.database.transaction() as connection:
        bad = connection.scalar(text("SELECT min(instance_id) FROM instance"))
        broken = {"id": bad, "state": json.dumps({"workflow": {"tasks": {}}, "variables": {}})}
        connection.execute(text("UPDATE instance SET state = :state WHERE instance_id = :id"), broken)
    done = importing(application, store).run()
    assert (done.created, set(done.failed)) == (4, {bad})


@each_database
def test_after_a_kill_it_goes_on_where_it_was_and_the_next_run_begins_anew(store, application):
    forget_tasks(store)

    class Killed(BaseException):
        pass

    seen = []

    def kill(count):
        seen.append(count)
        if len(seen) == 2:
            raise Killed

    with pytest.raises(Killed):
        importing(application, store).run(kill)
    assert (seen, len(tasks(store))) == ([2, 2], 4)
    done = importing(application, store).run()
    assert (done.created, len(tasks(store))) == (1, 5)
    assert ImportPlace(store.database).read() == ""
    assert importing(application, store).count() > 5


@each_database
def test_d12_every_page_is_imported_whatever_its_size(store, application):
    """Five tasks in pages of two: none is left out at the borders, and none is taken twice."""
    forget_tasks(store)
    assert importing(application, store).run().created == 5
    assert len({task["engineTaskId"] for task in tasks(store)}) == 5


def filled(count, size):
    """An application whose engine has so many instances, each with a task that nobody knows of and a variable."""
    database = on_sqlite()
    made = ProcessApplication("app")
    made.use(Store(database))
    made.payload(include=["what"])
    made.deploy(TWO)
    with made.unit_of_work() as work:
        work.engine.start("p", {"what": "it", "note": "x" * size})
    with database.transaction() as connection:
        [saved] = connection.execute(select(instance)).mappings()
        for table in ("outbox", "event", "aggregate", "instance"):
            connection.execute(text(f"DELETE FROM {table}"))
        [task] = ready_tasks(saved["state"])
        for _ in range(count):
            named = {saved["instance_id"]: str(uuid4()), task: str(uuid4())}
            state = saved["state"]
            for old, new in named.items():
                state = state.replace(old, new)
            row = dict(saved) | {"instance_id": named[saved["instance_id"]], "state": state}
            connection.execute(insert(instance).values(row))
    return made, database


def importing_measured(application, database, ready=ready_tasks):
    """What it did, and the most bytes that Python held meanwhile; what only waits to be collected does not count."""
    gc.collect()
    gc.freeze()
    tracemalloc.start(1)
    try:
        done = TaskImport(application, database, ready).run(lambda _: gc.collect())
        return done, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        gc.unfreeze()


def peaks(count):
    """The most bytes of publishing all, of ending half, and of not being able to read the rest."""
    application, database = filled(count, 10)
    done, publishing = importing_measured(application, database)
    assert (done.created, done.ended, done.unread) == (count, 0, 0)
    with database.transaction() as connection:
        gone = connection.execute(text("DELETE FROM instance WHERE instance_id >= '8'")).rowcount
    done, ending = importing_measured(application, database)
    assert (done.created, done.ended) == (0, gone)
    with database.transaction() as connection:
        broken = {"state": json.dumps({"workflow": {"tasks": {}}, "variables": {}})}
        connection.execute(text("UPDATE instance SET state = :state"), broken)
    done, failing = importing_measured(application, database, lambda _state: frozenset())
    assert (done.ended, done.unread, len(done.failed)) == (count - gone, count - gone, min(count - gone, 10))
    database.close()
    return publishing, ending, failing


def test_memory_does_not_grow_with_the_number_of_tasks(monkeypatch):
    monkeypatch.setattr(saved_instances, "PAGE_ROWS", 10)
    monkeypatch.setattr(import_tasks, "Ledger", partial(Ledger, rows=20))
    monkeypatch.setattr(import_tasks, "MOST_NAMED", 10)
    peaks(20)
    few, many = peaks(240), peaks(960)  # what a library keeps for the next page has come to its end by then
    assert all(most < 1.3 * some for some, most in zip(few, many, strict=True)), (few, many)


def test_memory_is_that_of_a_few_instances_however_large_they_are():
    application, database = filled(100, 200_000)
    done, most = importing_measured(application, database)
    assert done.created == 100
    assert most < 100 * 200_000 / 2
    database.close()
