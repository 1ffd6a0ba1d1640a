"""Of a process that an application leaves out nothing is told: not to log, views or reconciling; its engine goes on."""

import json

import pytest
from sqlalchemy import text

from engines.spiff.saved import ready_tasks
from store.repair.ledger import Ledger
from store.repair.saved_instances import SavedInstances
from tasks.application import ProcessApplication
from tasks.operate.import_tasks import TaskImport
from tasks.repair.compare import Comparison
from tests.engines.world import bpmn, flows, one_task
from tests.store.databases import each_database, rows

OWN = one_task('<userTask id="t" name="Tidy up"/>').replace(b'id="p"', b'id="tidy"')
CALLER = bpmn(
    '<startEvent id="s"/><userTask id="a" name="Ask"/><callActivity id="c" calledElement="tidy"/><endEvent id="e"/>'
    + flows("s", "a", "c", "e")
)


def application_on(store, **collected):
    made = ProcessApplication("app")
    made.use(store)
    made.mirror_variables()
    made.collect(**collected)
    return made


def started(application, key="tidy", **variables):
    with application.unit_of_work() as work:
        return work.engine.start(key, variables)


def completed(application, instance, task):
    with application.unit_of_work() as work:
        work.engine.complete(instance, task, {"done": True})


def waiting(store):
    """The tasks that wait in the engine, told of or not."""
    with store.database.reading() as connection:
        states = connection.scalars(text("SELECT state FROM instance WHERE NOT finished AND root_id IS NULL"))
        return [name for state in states for name in json.loads(state)["open"]]


def told(store):
    """Kind and process of everything the log has."""
    found = rows(store, "SELECT aggregate, state FROM aggregate")
    return sorted(
        (kind, json.loads(state).get("processDefinitionKey") or json.loads(state).get("key")) for kind, state in found
    )


def drift(store):
    """Where engine and log disagree, as reconciling sees it."""
    comparison = Comparison("app", Ledger(store.database), None, ready_tasks)
    return [one.detail for page in comparison.instances() for one in comparison.of_instances(page)]


def ready(store):
    saved = [one for page in SavedInstances(store.database).unfinished() for one in page]
    return [task for one in saved for task in ready_tasks(one.state)]


@each_database
@pytest.mark.parametrize("collected", [{"exclude": ["tidy"]}, {"include": ["p"]}], ids=str)
def test_of_a_process_left_out_nothing_is_told_and_its_engine_goes_on(store, collected):
    application = application_on(store, **collected)
    for source in (OWN, CALLER):
        application.deploy(source)
    instance = started(application, what="all of it")
    [task] = waiting(store)
    assert told(store) == [("process_definition", "p")]
    assert (ready(store), drift(store)) == ([], []), "nothing waits for people, as far as anybody compares"
    completed(application, instance, task)
    assert waiting(store) == []
    assert told(store) == [("process_definition", "p")]
    assert rows(store, "SELECT count(*) FROM event WHERE aggregate <> 'process_definition'") == [(0,)]


@each_database
def test_what_it_is_called_by_is_told_without_it(store):
    application = application_on(store, exclude=["tidy"])
    for source in (OWN, CALLER):
        application.deploy(source)
    caller = started(application, "p")
    [asked] = waiting(store)
    completed(application, caller, asked)
    [inner] = waiting(store)
    before = told(store)
    assert [one for one in before if one[0] in ("process_instance", "task")] == [
        ("process_instance", "p"),
        ("task", "p"),
    ]
    completed(application, caller, inner)
    assert told(store) == before
    [(state,)] = rows(store, "SELECT state FROM aggregate WHERE aggregate = 'process_instance'")
    assert json.loads(state)["state"] == "FINISHED"


@each_database
def test_what_was_told_before_is_told_to_its_end(store):
    application = application_on(store)
    application.deploy(OWN)
    instance = started(application)
    later = application_on(store, exclude=["tidy"])
    started(later)
    assert len(rows(store, "SELECT id FROM aggregate WHERE aggregate = 'task'")) == 1
    [(task,)] = rows(store, "SELECT id FROM aggregate WHERE aggregate = 'task'")
    assert ready(store) == [task]
    completed(later, instance, task)
    states = rows(store, "SELECT state FROM aggregate WHERE aggregate IN ('task', 'process_instance')")
    assert sorted(json.loads(state)["state"] for (state,) in states) == ["FINISHED", "completed"]


@each_database
def test_importing_ends_nothing_that_was_told_before(store):
    application = application_on(store)
    application.deploy(OWN)
    instance = started(application)
    later = application_on(store, exclude=["tidy"])
    started(later)
    for _ in range(2):
        done = TaskImport(later, store.database, ready_tasks).run()
        assert (done.created, done.ended, done.failed, drift(store)) == (0, 0, {}, [])
    [(task,)] = told_tasks(store)
    assert ready(store) == [task]
    assert len(waiting(store)) == 2
    completed(later, instance, task)
    [(state,)] = rows(store, "SELECT state FROM aggregate WHERE aggregate = 'task'")
    assert json.loads(state)["state"] == "completed"


def told_tasks(store):
    return rows(store, "SELECT id FROM aggregate WHERE aggregate = 'task'")


@each_database
def test_importing_leaves_it_out_and_brings_it_when_it_is_no_longer_left_out(store):
    application = application_on(store, exclude=["tidy"])
    application.deploy(OWN)
    instance = started(application)
    [task] = waiting(store)
    done = TaskImport(application, store.database, ready_tasks).run()
    assert (done.created, done.ended, done.failed, ready(store)) == (0, 0, {}, [])
    again = application_on(store)
    for created in (1, 0):
        done = TaskImport(again, store.database, ready_tasks).run()
        assert (done.created, done.ended, done.failed, ready(store)) == (created, 0, {}, [task])
        assert drift(store) == []
    completed(again, instance, task)
    [(state,)] = rows(store, "SELECT state FROM aggregate WHERE aggregate = 'task'")
    assert json.loads(state)["state"] == "completed"


def test_to_include_and_to_exclude_is_too_much():
    with pytest.raises(ValueError, match="either"):
        ProcessApplication("app").collect(include=["a"], exclude=["b"])
