"""Cancelling, savepoints and what is stored of an instance."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from domain.errors import AlreadyCompleted
from engines.in_memory import ConcurrentUpdate
from engines.spiff import compiled, definitions
from tests.engines.world import World, bpmn, flows, one_task


def test_cancelling_deletes_only_what_was_ready() -> None:
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("s", "a", "b", "e")}')
    )
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, "no longer needed"))
    assert world.words() == ["DeleteTask", "MoveInstance"]
    assert world.said[-2][1].reason == "no longer needed"
    assert world.ends() == ["CANCELLED"]
    with pytest.raises(AlreadyCompleted):
        world.act(lambda engine: engine.cancel(world.instance, None))


def test_created_and_cancelled_in_one_step_is_never_told() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><userTask id="t"/><task id="x"/>'
        '<endEvent id="e"/><endEvent id="kill"><terminateEventDefinition/></endEvent>'
        + flows("s", "f", "t", "e")
        + flows("f", "x", "kill")
    )
    world = World(bpmn(body))
    world.start()
    assert world.words() == ["StartInstance", "MoveInstance"]


def test_forgetting_goes_back_to_what_was_saved() -> None:
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("s", "a", "b", "e")}')
    )
    world.start()
    engine, task_id = world.engine(), world.open()[0].engine_task_id
    assert engine.touched() == frozenset()
    engine.complete(world.instance, task_id, {"x": 1})
    other = engine.start("p", {}, None, None)
    assert engine.touched() == {world.instance, other}
    engine.forget(engine.touched())
    assert engine.touched() == frozenset()
    engine.flush()
    assert world.memory.saved == 1
    engine.complete(world.instance, task_id, {"x": 2})
    engine.flush()
    assert world.variables() == {"x": 2}
    assert other not in world.memory.instances


def test_only_what_changed_is_saved_once() -> None:
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("s", "a", "b", "e")}')
    )
    engine = world.engine()
    world.instance = engine.start("p", {}, None, None)
    engine.complete(world.instance, world.open()[0].engine_task_id, {})
    engine.flush()
    assert (world.memory.saved, world.memory.instances[world.instance].version) == (1, 1)
    engine.hold(world.instance)
    engine.flush()
    engine.fire_timers(world.instance)
    engine.flush()
    assert world.memory.saved == 1


def test_two_units_of_work_on_one_instance_conflict() -> None:
    world = World(
        bpmn(f'<startEvent id="s"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>{flows("s", "a", "b", "e")}')
    )
    world.start()
    one, other = world.engine(), world.engine()
    other.hold(world.instance)
    one.complete(world.instance, world.task("a").engine_task_id, {})
    one.flush()
    other.cancel(world.instance, None)
    with pytest.raises(ConcurrentUpdate):
        other.flush()


def test_a_cold_process_goes_on_at_every_wait_state(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="people" camunda:elementVariable="who"/>'
    inner = f'<startEvent id="is"/><userTask id="a" camunda:assignee="${{who}}" camunda:priority="7"/><endEvent id="ie"/>{flows("is", "a", "ie")}'
    body = f'<startEvent id="s"/><subProcess id="sub">{loop}{inner}</subProcess><userTask id="b" camunda:candidateGroups="g"/><endEvent id="e"/>'
    world = World(bpmn(body + flows("s", "sub", "b", "e")))
    world.start(people=["ann", "bob"])
    seen = []
    while world.open():
        monkeypatch.setattr(definitions, "_PROCESSES", compiled.ProcessCache())
        task = world.open()[0]
        seen.append((task.assignee, task.candidate_groups, task.priority))
        world.complete_id(task.engine_task_id)
    assert seen == [("ann", (), 7), ("bob", (), 7), (None, ("g",), None)]
    assert world.ends() == ["FINISHED"]


def test_instances_do_not_carry_the_specification() -> None:
    world = World(one_task('<userTask id="t" name="A very visible name"/>'))
    world.start()
    assert "visible" not in world.memory.instances[world.instance].state
    assert len(world.memory.instances[world.instance].state) < 4_000


def test_the_cache_forgets_the_oldest() -> None:
    world = World(one_task('<userTask id="t"/>'))
    stored = next(iter(world.memory.definitions.values()))
    cache = compiled.ProcessCache(kept=0)
    cache.put("app", stored)
    assert cache.get("app", stored.definition.definition_id) is None


def test_a_service_cannot_move_the_instance_that_called_it_but_may_start_others() -> None:
    body = f'<startEvent id="s"/><userTask id="t"/><serviceTask id="x" camunda:class="x"/><endEvent id="e"/>{flows("s", "t", "x", "e")}'
    world = World(bpmn(body))
    world.start()
    engine = world.engine()
    world.services.by_name["x"] = lambda _: engine.cancel(world.instance, None)  # type: ignore[index]
    engine.complete(world.instance, world.open()[0].engine_task_id, {})
    engine.flush()
    assert "may not move" in world.incidents()["x"]

    def begin(_variables: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"other": engine.start("p", {}, None, None)}

    world.services.by_name["x"] = begin  # type: ignore[index]
    world.memory.incidents.clear()
    engine = world.engine()
    engine.fire_timers(world.instance)
    engine.flush()
    assert world.variables()["other"] in world.memory.instances
    assert world.ends() == ["FINISHED"]
