"""Tasks that no engine made: published, changed and completed with the application's own tables, or not at all."""

import threading
import time

import pytest
from sqlalchemy import text

from domain.errors import Refused
from tests.store.databases import each_database, on_disk, rows
from tests.support.carrying_out import APPROVERS, World, task_state

ANN = APPROVERS[0]


class TooEarly(Refused):
    """Not yet."""

    status, slug = 409, "too-early"


@pytest.fixture
def world(store):
    made = World(store)
    object.__setattr__(made.executor, "completed", made.application.completed)
    with made.application.unit_of_work() as work:
        work.session.execute(text("CREATE TABLE letter (id TEXT, decision TEXT)"))
    return made


def publish(world, name="own-1", **fields):
    with world.application.unit_of_work() as work:
        work.tasks.create(name, name="Read", candidate_groups=["approvers"], payload={"n": 1}, **fields)
    return name


def keys(world, name="own-1"):
    found = rows(world.store, f"SELECT routing_key FROM event WHERE aggregate_id = '{name}' ORDER BY position")
    return [key.removesuffix(".approval").removeprefix("task.") for (key,) in found]


@each_database
def test_it_is_there_with_the_applications_own_tables_or_not_at_all(world):
    with pytest.raises(ZeroDivisionError), world.application.unit_of_work() as work:
        work.tasks.create("own-1", name="Read")
        work.session.execute(text("INSERT INTO letter VALUES ('own-1', '')"))
        raise ZeroDivisionError
    assert (keys(world), rows(world.store, "SELECT * FROM letter")) == ([], [])
    publish(world, due_date="2026-03-01T00:00:00.000Z")
    state = task_state(world, "own-1")
    assert (state["candidateGroups"], state["dueDate"], state["createTime"] is None) == (
        ["approvers"],
        "2026-03-01T00:00:00.000Z",
        False,
    )
    publish(world, description="again")
    assert task_state(world, "own-1")["description"] is None, "one that is there stays as it is"


@each_database
def test_everything_that_can_happen_to_it_in_one_unit_of_work_is_one_event_of_a_kind(world):
    publish(world)
    with world.application.unit_of_work() as work:
        for assignee in ("ann", "bob", None, "ann"):
            work.tasks.assign("own-1", assignee)
        work.tasks.change("own-1", priority=5, description="x")
        work.tasks.change("own-1", priority=7)
        work.tasks.change_candidates("own-1", add_users=["eve"], remove_groups=["approvers"])
        work.tasks.change_candidates("own-1", remove_users=["eve"], add_groups=["approvers"])
    state = task_state(world, "own-1")
    assert (state["assignee"], state["priority"], state["description"]) == ("ann", 7, "x")
    assert (state["candidateUsers"], state["candidateGroups"]) == ([], ["approvers"])
    assert keys(world) == ["created", "assigned", "attributes_changed"]
    with world.application.unit_of_work() as work:
        work.tasks.change("own-1", description="at the end")
        work.tasks.complete("own-1", by="ann")
        work.tasks.create("own-2", name="Next")
    assert task_state(world, "own-1")["description"] == "at the end", "changes made while completing are kept"
    order = rows(world.store, "SELECT aggregate_id FROM event ORDER BY position DESC LIMIT 2")
    assert [name for (name,) in order] == ["own-2", "own-1"], "what ends is told before what begins"
    with world.application.unit_of_work() as work:
        work.tasks.delete("own-2", "moot")
        work.tasks.delete("own-1", "too late")
    assert (task_state(world, "own-2")["deleteReason"], task_state(world, "own-1")["state"]) == ("moot", "completed")


@each_database
def test_claimed_and_completed_in_one_unit_of_work(world):
    publish(world)
    with world.application.unit_of_work() as work:
        work.tasks.assign("own-1", "ann")
        work.tasks.complete("own-1")
    assert (task_state(world, "own-1")["completedBy"], keys(world)) == ("ann", ["created", "assigned", "completed"])


@each_database
def test_a_person_completes_it_and_the_application_hears_of_it_in_the_same_transaction(world):
    @world.application.on_complete
    def done(work, task, variables):
        if variables.get("decision") == "early":
            raise TooEarly
        values = {"id": task.engine_task_id, "decision": variables["decision"]}
        work.session.execute(text("INSERT INTO letter VALUES (:id, :decision)"), values)
        if variables.get("fails"):
            raise ZeroDivisionError
        work.tasks.create("own-2", name=f"After {task.name}", candidate_users=[ANN.name])

    publish(world)
    assert world.ask("claim", ANN, "own-1")["status"] == "accepted"
    refused = world.ask("complete", ANN, "own-1", variables={"decision": "early"})
    assert (refused["status"], refused["problem"]["type"]) == ("rejected", "urn:taskpool:problem/too-early")
    for decision, status in (("yes", "failed"), *([] if world.store.database.is_sqlite else [("a\0b", "rejected")])):
        failed = world.ask("complete", ANN, "own-1", variables={"decision": decision, "fails": True})
        assert failed["status"] == status, "it is answered, and not tried for ever"
        assert (task_state(world, "own-1")["state"], rows(world.store, "SELECT * FROM letter")) == ("open", [])
    assert world.ask("complete", ANN, "own-1", variables={"decision": "yes"})["status"] == "accepted"
    assert [name for name, _ in rows(world.store, "SELECT * FROM letter")] == ["own-1"]
    assert task_state(world, "own-2")["name"] == "After Read"


@each_database
def test_of_an_engines_task_it_does_not_hear(world):
    heard = []
    world.application.on_complete(lambda _work, task, _variables: heard.append(task.name))
    task = world.start()
    world.ask("claim", ANN, task)
    assert world.ask("complete", ANN, task, variables={"decision": "APPROVE"})["status"] == "accepted"
    assert heard == []


@on_disk
def test_the_application_may_wait_for_it(world):
    publish(world)
    assert world.application.wait_until_ended("own-1", 0.1) is None
    assert world.application.wait_until_ended("nobody", 0.1) is None
    world.ask("claim", ANN, "own-1")
    later = threading.Timer(0.3, lambda: world.ask("complete", ANN, "own-1", variables={}))
    later.start()
    began = time.monotonic()
    ended = world.application.wait_until_ended("own-1", 10)
    later.join()
    assert (ended.state, ended.completed_by) == ("completed", ANN.name)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("field", ["state", "process_instance_id", "colour"])
@each_database
def test_a_field_that_is_not_the_applications_to_say_is_an_error_of_the_program(world, field):
    with pytest.raises(TypeError, match=field), world.application.unit_of_work() as work:
        work.tasks.create("own-1", **{field: "x"})
    with pytest.raises(TypeError, match=field), world.application.unit_of_work() as work:
        work.tasks.change("own-1", **{field: "x"})
