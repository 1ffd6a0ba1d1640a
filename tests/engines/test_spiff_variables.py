"""Process variables: shared by all branches, plain data, changed by people, services and scripts."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidVariables, StoreUnavailable
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


def test_a_missing_variable_stops_the_instance_before_the_gateway_and_the_completion_stands() -> None:
    world = World(CHOICE)
    world.start()
    world.complete("t", other=1)
    assert world.words() == ["CompleteTask"]
    assert "'ok'" in world.incidents()["g"]
    world.act(lambda engine: engine.set_variables(world.instance, {"ok": 3}))
    world.retry()
    assert "No conditions satisfied" in world.incidents()["g"]
    world.act(lambda engine: engine.set_variables(world.instance, {"ok": 2}))
    world.retry()
    assert world.incidents() == {}
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
    world = World(bpmn(body))
    world.start()
    assert "'org.Example' of 'x' is not registered" in world.incidents()["x"]
    world = World(bpmn(body), {"org.Example": lambda _: {"a": object()}})
    world.start()
    assert "cannot be kept" in world.incidents()["x"]


@pytest.mark.parametrize(("service", "reason"), [(lambda _: 1 / 0, "ZeroDivisionError"), (unavailable, "Unavailable")])
def test_a_service_that_fails_is_tried_again_until_it_is_an_incident(service: Any, reason: str) -> None:
    # A service's own "try again later" is no outage of ours, after which a try would never be counted.
    body = '<startEvent id="s"/><serviceTask id="x" camunda:class="org.Example"/><endEvent id="e"/>' + flows(
        "s", "x", "e"
    )
    world = World(bpmn(body), {"org.Example": service})
    world.start()
    for _ in range(4):
        assert world.incidents() == {}
        world.pass_time(seconds=20)
    assert reason in world.incidents()["x"]
    assert world.memory.incidents[world.instance, "x"][1] == 5
    assert world.memory.instances[world.instance].due is None
    world.services.by_name["org.Example"] = lambda _: {"mended": True}  # type: ignore[index]
    world.retry()
    assert world.ends() == ["FINISHED"]


def test_services_that_are_missing_may_be_passed_over() -> None:
    body = '<startEvent id="s"/><serviceTask id="x" camunda:class="org.Example"/><endEvent id="e"/>' + flows(
        "s", "x", "e"
    )
    world = World(bpmn(body), lenient=True)
    world.start()
    assert world.ends() == ["FINISHED"]
