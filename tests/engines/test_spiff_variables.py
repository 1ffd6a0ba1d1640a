"""Process variables: shared by all branches, plain data, changed by people, services and scripts."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import ExecutionFailed, InvalidVariables, StoreUnavailable
from engines.expressions.evaluate import ExpressionFailed
from tests.engines.world import World, bpmn, flows, one_task

PARALLEL = bpmn(
    '<startEvent id="s"/><parallelGateway id="fork"/><userTask id="a"/><userTask id="b"/>'
    '<exclusiveGateway id="choice" default="no"/><userTask id="yes_task"/><exclusiveGateway id="merge"/>'
    '<parallelGateway id="join"/><endEvent id="e"/><sequenceFlow id="f8" sourceRef="merge" targetRef="join"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="fork"/><sequenceFlow id="f2" sourceRef="fork" targetRef="a"/>'
    '<sequenceFlow id="f3" sourceRef="fork" targetRef="b"/><sequenceFlow id="f4" sourceRef="a" targetRef="join"/>'
    '<sequenceFlow id="f5" sourceRef="b" targetRef="choice"/>'
    '<sequenceFlow id="yes" sourceRef="choice" targetRef="yes_task"><conditionExpression>${ok}</conditionExpression></sequenceFlow>'
    '<sequenceFlow id="no" sourceRef="choice" targetRef="merge"/><sequenceFlow id="f6" sourceRef="yes_task" targetRef="merge"/>'
    '<sequenceFlow id="f7" sourceRef="join" targetRef="e"/>'
)


CHOICE = bpmn(
    '<startEvent id="s"/><userTask id="t"/><exclusiveGateway id="g"/><endEvent id="e1"/><endEvent id="e2"/>'
    + flows("s", "t", "g")
    + '<sequenceFlow id="y" sourceRef="g" targetRef="e1"><conditionExpression>${ok == 1}</conditionExpression></sequenceFlow>'
    '<sequenceFlow id="n" sourceRef="g" targetRef="e2"><conditionExpression>${ok == 2}</conditionExpression></sequenceFlow>'
)


def test_variables_are_seen_by_every_branch() -> None:
    world = World(PARALLEL)
    world.start()
    world.complete("a", ok=True)
    world.complete("b")
    assert world.keys() == ["yes_task"]
    assert world.open()[0].payload == {"ok": True}
    world.complete("yes_task", ok=False, nested={"a": 1})
    assert world.ends() == ["FINISHED"]
    assert world.variables() == {"ok": False, "nested": {"a": 1}}


def test_values_are_replaced_not_merged() -> None:
    world = World(PARALLEL)
    world.start(ok=False, items=[1, 2, 3], map={"a": 1})
    world.complete("b", items=[9])
    world.complete("a", map={"b": 2})
    assert world.variables() == {"ok": False, "items": [9], "map": {"b": 2}}


def test_a_missing_variable_refuses_the_completion_and_changes_nothing() -> None:
    world = World(CHOICE)
    world.start()
    before, said = dict(world.memory.instances), len(world.said)
    engine, task_id = world.engine(), world.task("t").engine_task_id
    with pytest.raises(ExpressionFailed, match="'ok'"):
        engine.complete(world.instance, task_id, {"other": 1})
    engine.flush()
    with pytest.raises(ExpressionFailed, match=r"g: .*no outgoing flow"):
        engine.complete(world.instance, task_id, {"ok": 3})
    engine.flush()
    assert (world.memory.instances, len(world.said)) == (before, said)
    engine.complete(world.instance, task_id, {"ok": 2})
    assert world.ends() == ["FINISHED"]


def test_variables_must_be_plain_data() -> None:
    world = World(one_task('<userTask id="t"/>'))
    bad: list[Any] = [2**70, {1: 2}, "\ud800", object()]
    for value in bad:
        with pytest.raises(InvalidVariables, match=r"variables\.x"):
            world.start(x=value)
    assert world.memory.instances == {}


@pytest.mark.parametrize(
    "value", [{"typename": "UUID", "value": "x"}, {"typename": "nothing"}, {"a": [{"typename": "Task"}]}]
)
def test_variables_cannot_pose_as_the_engines_own_objects(value: Any) -> None:
    world = World(one_task('<userTask id="t"/>'))
    world.start(x=value)
    world.complete("t", y=value)
    assert world.variables() == {"x": value, "y": value}


def test_the_initiator_is_who_started_and_cannot_be_forged() -> None:
    body = '<startEvent id="s" camunda:initiator="who"/><userTask id="t" flowable:assignee="${who}"/><endEvent id="e"/>'
    world = World(bpmn(body + flows("s", "t", "e")))
    world.start(user="ann", who="bob")
    assert (world.open()[0].assignee, world.open()[0].payload) == ("ann", {"who": "ann"})
    world = World(one_task('<userTask id="t" flowable:assignee="$INITIATOR"/>'))
    world.start(user="ann")
    assert world.open()[0].assignee == "ann"


def test_services_and_scripts() -> None:
    body = (
        '<startEvent id="s"/><serviceTask id="x" camunda:delegateExpression="${rate}"/>'
        '<scriptTask id="y" scriptFormat="juel"><script>total = amount * rate\nbig = total > 100</script></scriptTask>'
        '<serviceTask id="z" camunda:expression="${total + 1}" camunda:resultVariable="more"/><endEvent id="e"/>'
    )
    seen: list[Any] = []

    def rate(variables: Any) -> dict[str, Any]:
        seen.append(dict(variables))
        variables["amount"] = 0
        return {"rate": 2}

    world = World(bpmn(body + flows("s", "x", "y", "z", "e")), {"rate": rate})
    world.start(amount=60)
    assert seen == [{"amount": 60}]
    assert world.variables() == {"amount": 60, "rate": 2, "total": 120, "big": True, "more": 121}


def unavailable(_variables: Any) -> None:
    raise StoreUnavailable("the shop is closed")


def test_services_that_are_missing_or_fail_name_themselves() -> None:
    body = '<startEvent id="s"/><serviceTask id="x" camunda:class="org.Example"/><endEvent id="e"/>' + flows(
        "s", "x", "e"
    )
    with pytest.raises(ExecutionFailed, match=r"org\.Example"):
        World(bpmn(body)).start()
    with pytest.raises(ExecutionFailed, match=r"org\.Example.*ZeroDivisionError"):
        World(bpmn(body), {"org.Example": lambda _: 1 / 0}).start()
    with pytest.raises(ExecutionFailed, match=r"org\.Example.*StoreUnavailable"):
        # A service's own "try again later" is no outage of ours, after which a timer would never be counted.
        World(bpmn(body), {"org.Example": unavailable}).start()
    with pytest.raises(ExecutionFailed, match="cannot be kept"):
        World(bpmn(body), {"org.Example": lambda _: {"a": object()}}).start()
    world = World(bpmn(body), lenient=True)
    world.start()
    assert world.ends() == ["FINISHED"]
