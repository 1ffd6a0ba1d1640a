"""Called processes: instances of their own that see and give back what is mapped, of the version that is asked for."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.aggregates.process_instance import StartInstance
from domain.errors import ExecutionFailed
from engines.spiff.engine import SpiffEngine
from tests.engines.world import HEAD, World, bpmn, flows


def called(task: str = "inner", key: str = "child", attributes: str = "") -> bytes:
    return bpmn(
        f'<startEvent id="cs"/><userTask id="{task}"/><endEvent id="ce"/>{flows("cs", task, "ce")}', key, attributes
    )


def calling(inside: str = "", attributes: str = 'calledElement="child"') -> bytes:
    body = f'<startEvent id="s"/><callActivity id="call" {attributes}><extensionElements>{inside}</extensionElements></callActivity><userTask id="after"/><endEvent id="e"/>{flows("s", "call", "after", "e")}'
    return bpmn(body)


def world_of(*sources: bytes) -> World:
    world = World()
    for source in sources:
        world.act(lambda engine, source=source: engine.deploy(source))  # type: ignore[misc]
    return world


@pytest.mark.parametrize(
    ("inside", "seen", "left"),
    [
        ("", {}, {"a": 1, "b": 2}),
        ('<camunda:in source="a" target="x"/><camunda:out source="x" target="y"/>', {"x": 1}, {"a": 1, "b": 2, "y": 9}),
        ('<camunda:in variables="all"/>', {"a": 1, "b": 2}, {"a": 1, "b": 2}),
        ('<camunda:in variables="all"/><camunda:out variables="all"/>', {"a": 1, "b": 2}, {"a": 1, "b": 2, "x": 9}),
        ('<camunda:in sourceExpression="${a + b}" target="sum"/>', {"sum": 3}, {"a": 1, "b": 2}),
        ('<camunda:out sourceExpression="${x * 2}" target="twice"/>', {}, {"a": 1, "b": 2, "twice": 18}),
        ('<camunda:in source="nowhere" target="x"/>', {"x": None}, {"a": 1, "b": 2}),
    ],
    ids=["nothing", "one", "all in", "all both ways", "an expression in", "an expression out", "what is not there"],
)
def test_only_what_is_mapped_crosses(inside: str, seen: dict[str, object], left: dict[str, object]) -> None:
    world = world_of(called(), calling(inside))
    world.start(a=1, b=2)
    task = world.task("inner")
    assert task.payload == seen
    world.complete_id(task.engine_task_id, x=9, leaked="no")
    expected = {**left, "leaked": "no"} if 'out variables="all"' in inside else left
    assert world.task("after").payload == expected


def test_it_is_of_the_tenant_of_the_instance_that_calls_it() -> None:
    world = world_of(called(), calling())
    world.instance = world.act(lambda engine: engine.start("p", {}, tenant="north"))
    begun = [said.instance for _, said in world.said if isinstance(said, StartInstance)]
    assert [one.tenant_id for one in begun] == ["north", "north"]
    assert world.task("inner").tenant_id == "north"
    world.complete("inner")
    assert world.task("after").tenant_id == "north", "in a later step, too"


def test_of_what_an_older_program_has_saved_the_process_says_whose_it_is() -> None:
    world = world_of(called())
    world.act(lambda engine: engine.deploy(calling(), tenant="north"))
    world.start()
    saved = world.memory.instances[world.instance]
    kept = json.loads(saved.state)
    assert kept.pop("tenant") == "north"
    world.memory.instances[world.instance] = replace(saved, state=json.dumps(kept))
    world.complete("inner")
    assert world.task("after").tenant_id == "north"


@pytest.mark.parametrize("of_caller", ["south", None])
def test_what_is_of_another_tenant_cannot_be_called(of_caller: str | None) -> None:
    world = world_of(calling())
    world.act(lambda engine: engine.deploy(called(), tenant="north"))
    world.instance = world.act(lambda engine: engine.start("p", {}, tenant=of_caller))
    for _ in range(5):
        world.pass_time(minutes=1)
    assert "'child' that is called here is not deployed" in world.incidents()["call"]
    assert world.open() == []
    world.act(lambda engine: engine.start("p", {}, tenant="north"))
    assert world.task("inner").tenant_id == "north"


def test_a_call_of_what_is_of_another_tenant_is_warned_of() -> None:
    world = World()
    world.act(lambda engine: engine.deploy(called(), tenant="north"))

    def told(tenant: str | None, key: str = "p") -> list[str]:
        source = calling().replace(b'id="p"', f'id="{key}"'.encode())
        return [one.text for one in world.act(lambda engine: engine.deploy(source, tenant=tenant)).warnings]

    warned = ["the process 'child' is not deployed"]
    assert [told("north"), told(None)] == [[], []], "it is of the north already"
    assert [told("south", "theirs"), told(None, "shared")] == [warned, warned]


def test_it_is_an_instance_of_its_own() -> None:
    world = world_of(
        called(attributes='name="Child"'), calling('<camunda:in businessKey="#{execution.processBusinessKey}"/>')
    )
    world.start(business_key="R-1")
    task = world.task("inner")
    assert task.process_instance_id != world.instance
    assert (task.process_definition_key, task.process_name, task.business_key) == ("child", "Child", "R-1")
    begun = [said.instance for _, said in world.said if isinstance(said, StartInstance)]
    assert [(one.process_definition_key, one.super_instance_id) for one in begun] == [
        ("p", None),
        ("child", world.instance),
    ]
    world.act(lambda engine: engine.complete(str(task.process_instance_id), task.engine_task_id, {}))
    assert world.ends() == ["FINISHED"]
    world.complete("after")
    assert world.ends() == ["FINISHED", "FINISHED"]
    assert all(stored.finished for stored in world.memory.instances.values())


def test_several_at_once_have_variables_of_their_own() -> None:
    inside = '<camunda:in source="order" target="number"/><camunda:out source="number" target="last"/>'
    several = '<multiInstanceLoopCharacteristics camunda:collection="orders" camunda:elementVariable="order"/>'
    source = calling(inside).replace(b"</extensionElements>", f"</extensionElements>{several}".encode(), 1)
    world = world_of(called(), source)
    world.start(orders=[1, 2, 3])
    assert sorted(task.payload["number"] for task in world.open() if task.payload) == [1, 2, 3]
    for task in world.open():
        world.complete_id(task.engine_task_id)
    assert world.task("after").payload == {"orders": [1, 2, 3], "last": 3}


@pytest.mark.parametrize(
    ("attributes", "task"),
    [
        ('calledElement="child"', "newest"),
        ('calledElement="child" camunda:calledElementBinding="latest"', "newest"),
        ('calledElement="child" camunda:calledElementBinding="version" camunda:calledElementVersion="1"', "oldest"),
        (
            'calledElement="child" camunda:calledElementBinding="version" camunda:calledElementVersion="${wanted}"',
            "tagged",
        ),
        (
            'calledElement="child" camunda:calledElementBinding="versionTag" camunda:calledElementVersionTag="T"',
            "tagged",
        ),
        ('calledElement="${which}"', "newest"),
    ],
)
def test_the_version_that_is_bound_runs(attributes: str, task: str) -> None:
    versions = (called("oldest"), called("tagged", attributes='camunda:versionTag="T"'), called("newest"))
    world = world_of(*versions, calling(attributes=attributes))
    world.start(which="child", wanted=2)
    assert world.keys() == [task]


def test_a_binding_to_the_deployment_takes_the_process_of_the_same_file() -> None:
    inner = called("together").decode().removeprefix(HEAD).removesuffix("</definitions>")
    both = calling(attributes='calledElement="child" camunda:calledElementBinding="deployment"').replace(
        b"</definitions>", f"{inner}</definitions>".encode()
    )
    world = world_of(both, called("later"))
    world.start()
    assert world.keys() == ["together"]


def test_parts_of_the_same_name_in_two_processes_are_not_mixed_up() -> None:
    def with_sub(key: str, task: str, more: str) -> bytes:
        inner = f'<subProcess id="sub"><startEvent id="is"/><userTask id="{task}"/>{more}<endEvent id="ie"/>{flows(*(["is", task, "call", "ie"] if more else ["is", task, "ie"]))}</subProcess>'
        return bpmn(f'<startEvent id="s"/>{inner}<endEvent id="e"/>{flows("s", "sub", "e")}', key)

    world = world_of(
        with_sub("child", "theirs", ""), with_sub("p", "ours", '<callActivity id="call" calledElement="child"/>')
    )
    world.start()
    assert world.keys() == ["ours"]
    world.complete("ours")
    assert world.keys() == ["theirs"]
    world.complete("theirs")
    assert world.ends() == ["FINISHED", "FINISHED"]


def test_cancelling_the_caller_ends_what_it_has_called() -> None:
    world = world_of(called(), calling())
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, "no more"))
    assert world.words() == ["DeleteTask", "MoveInstance", "MoveInstance"]
    assert world.ends() == ["CANCELLED", "CANCELLED"]
    assert all(stored.finished for stored in world.memory.instances.values())


def test_processes_that_call_themselves_ever_more_often_are_stopped_before_they_fill_the_memory() -> None:
    several = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    call = f'<callActivity id="a" calledElement="p">{several}</callActivity>'
    world = World(bpmn(f'<startEvent id="s"/>{call}<endEvent id="e"/>{flows("s", "a", "e")}'))
    with pytest.raises(ExecutionFailed, match="processes would be called in one step"):
        world.start()
    assert world.memory.instances == {}


def test_very_many_called_at_once_are_found_again() -> None:
    several = (
        "<multiInstanceLoopCharacteristics><loopCardinality>60</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    call = f'<callActivity id="a" calledElement="q">{several}</callActivity>'
    inner = f'<process id="q" isExecutable="true"><startEvent id="qs"/><userTask id="t"/>{flows("qs", "t")}</process>'
    caller = bpmn(f'<startEvent id="s"/>{call}<endEvent id="e"/>{flows("s", "a", "e")}')
    world = World(caller.replace(b"</definitions>", f"{inner}</definitions>".encode()))
    world.start()
    for task in world.open()[::-1]:
        world.complete_id(task.engine_task_id)
    assert len([one for one in world.memory.instances.values() if one.finished]) == 61


def test_what_was_called_is_told_once_however_many_steps_a_unit_of_work_has() -> None:
    """As where instances send messages to and fro, or several signals reach one instance."""
    names = '<signal id="A" name="a"/><signal id="B" name="b"/><process'
    wait = '<intermediateCatchEvent id="{0}"><signalEventDefinition signalRef="{1}"/></intermediateCatchEvent>'
    quick = f'<process id="q" isExecutable="true"><startEvent id="qs"/><task id="qt"/>{flows("qs", "qt")}</process>'
    slow = f'<process id="r" isExecutable="true"><startEvent id="rs"/><userTask id="rt"/>{flows("rs", "rt")}</process>'
    body = (
        f'<startEvent id="s"/>{wait.format("w1", "A")}<callActivity id="c" calledElement="q"/>'
        f'<callActivity id="d" calledElement="r"/>{flows("s", "w1", "c", "d")}'
        f'<boundaryEvent id="w2" attachedToRef="d"><signalEventDefinition signalRef="B"/></boundaryEvent>'
        f'<userTask id="last"/>{flows("w2", "last")}'
    )
    source = bpmn(body).replace(b"<process", names.encode(), 1)
    world = World(source.replace(b"</definitions>", f"{quick}{slow}</definitions>".encode()))
    root = world.start()

    def both(engine: SpiffEngine) -> None:
        engine.signal("a")
        engine.set_variables(root, {"n": 1})
        engine.signal("b")
        engine.set_variables(root, {"n": 2})

    world.act(both)
    said = [(key.id, type(one).__name__) for key, one in world.said if key.aggregate == "process_instance"]
    assert len(said) == len(set(said)) == 5
    assert {name: stored.finished for name, stored in world.memory.instances.items()} == {
        name: name != root for name in world.memory.instances
    }
    assert world.keys() == ["last"]
