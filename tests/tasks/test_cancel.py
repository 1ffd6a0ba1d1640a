"""An operator ends an instance whatever state it is in: the way out needs nothing that may be broken."""

import json

import pytest
from sqlalchemy import update

from domain.access import User
from store.engine.incidents import Incidents
from store.sql.schema import definition, instance
from tests.store.databases import each_database, rows
from tests.support.carrying_out import APPROVERS, World, task_state

ADMIN = User("admin", ("admins",))


@pytest.fixture
def world(store):
    return World(store)


def started(world):
    task = world.start()
    return task, task_state(world, task)["processInstanceId"]


def change(world, table, **values):
    with world.store.database.transaction() as connection:
        connection.execute(update(table).values(**values))


def cancelled(world, instance_id, user=ADMIN):
    return world.ask("cancel", user, processInstanceId=instance_id, reason="it runs away")


BREAKS = {
    "as it is": lambda _world: None,
    "not even JSON": lambda world: change(world, instance, state="{"),
    "JSON of something else": lambda world: change(world, instance, state="[1]"),
    "nested beyond reading": lambda world: change(world, instance, state="[" * 100_000),
    "its workflow is gone": lambda world: change(world, instance, state=json.dumps({"open": "?", "variables": {}})),
    **{
        f"its open tasks are {wrong}": (
            lambda world, wrong=wrong: change(world, instance, state=f'{{"open": {wrong}}}')
        )
        for wrong in ("[]", "[{}]", "[1]", "[null]", '["nobody"]')
    },
    "its definition cannot be loaded": lambda world: change(world, definition, compiled="{}"),
}


@pytest.mark.parametrize("broken", BREAKS)
@each_database
def test_an_instance_in_any_state_ends_with_its_tasks_and_incidents(world, broken):
    task, instance_id = started(world)
    with world.store.database.transaction() as connection:
        assert Incidents(connection).open(instance_id, "timer", "e", {"detail": "d"}, 5)
        assert not Incidents(connection).open(instance_id, "timer", "e", {"detail": "d"}, 5)
    BREAKS[broken](world)
    outcome = cancelled(world, instance_id)
    assert outcome["status"] == "accepted", outcome
    assert {made["aggregate"] for made in outcome["produced"]} == {"task", "process_instance"}
    state = task_state(world, task)
    assert (state["state"], state["deleteReason"]) == ("deleted", "it runs away")
    ends = (
        "SELECT body FROM event WHERE routing_key IN ('task.deleted.approval', 'process_instance.cancelled.approval')"
    )
    assert [json.loads(row[0])["by"] for row in rows(world.store, ends)] == ["admin", "admin"]
    assert rows(world.store, "SELECT finished, due FROM instance") in ([(1, None)], [(True, None)])
    assert rows(world.store, "SELECT state, operator FROM incident") == [("cancelled", "admin")]
    assert cancelled(world, instance_id)["problem"]["status"] == 409
    assert world.ask("complete", APPROVERS[0], task, variables={})["status"] == "rejected"


@each_database
def test_other_tasks_stay(world):
    _, instance_id = started(world)
    other, _ = started(world)
    with world.store.database.transaction() as connection:
        connection.execute(update(instance).where(instance.c.instance_id == instance_id).values(state="{"))
    assert cancelled(world, instance_id)["status"] == "accepted"
    assert task_state(world, other)["state"] == "open"


@each_database
def test_only_an_operator_and_only_what_is_there(world):
    _, instance_id = started(world)
    assert cancelled(world, instance_id, APPROVERS[0])["problem"]["status"] == 403
    assert cancelled(world, "nothing")["problem"]["status"] == 404
