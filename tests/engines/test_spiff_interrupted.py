"""What is interrupted ends with all that is within it, several instances of an activity, too."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.engines.world import World, bpmn, flows

TIMER = "<timerEventDefinition><timeDuration>PT5M</timeDuration></timerEventDefinition>"
CONDITION = "<conditionalEventDefinition><condition>${n > 3}</condition></conditionalEventDefinition>"
SEVERAL = {
    "one": "",
    "in parallel": "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
    "</multiInstanceLoopCharacteristics>",
    "in turn": '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
    "</multiInstanceLoopCharacteristics>",
    "a loop": '<standardLoopCharacteristics loopMaximum="3"><loopCondition>${true}</loopCondition>'
    "</standardLoopCharacteristics>",
}
INTERRUPTS = {
    "boundary": f'<boundaryEvent id="b" attachedToRef="a">{TIMER}</boundaryEvent><userTask id="x"/>{flows("b", "x")}',
    "event sub-process": f'<subProcess id="es" triggeredByEvent="true"><startEvent id="ess">{TIMER}</startEvent>'
    f'<userTask id="x"/>{flows("ess", "x")}</subProcess>',
}


def model(several: str, interrupts: str, *, deep: bool) -> bytes:
    inner = f'<startEvent id="is"/><userTask id="i"/>{flows("is", "i")}'
    if deep:
        inner = f'<startEvent id="ds"/><subProcess id="d">{inner}</subProcess>{flows("ds", "d")}'
    body = (
        f'<startEvent id="s"/><subProcess id="a">{several}{inner}</subProcess><endEvent id="e"/>{flows("s", "a", "e")}'
    )
    return bpmn(body + interrupts)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("interrupts", INTERRUPTS.values(), ids=INTERRUPTS)
def test_what_is_interrupted_leaves_no_task_open(several: str, interrupts: str, *, deep: bool) -> None:
    world = World(model(several, interrupts, deep=deep))
    world.start()
    assert set(world.keys()) == {"i"}
    world.pass_time(hours=1)
    assert world.keys() == ["x"]
    world.complete("x")
    assert world.ends() == ["FINISHED"]


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL)
def test_what_is_cancelled_leaves_no_task_open(several: str, *, deep: bool) -> None:
    world = World(model(several, "", deep=deep))
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, None))
    assert (world.keys(), world.ends()) == ([], ["CANCELLED"])


def test_what_is_saved_of_an_interrupted_activity_names_no_task_that_is_gone() -> None:
    events = (
        f'<boundaryEvent id="b" attachedToRef="a">{CONDITION}</boundaryEvent><userTask id="x"/><boundaryEvent id="c"'
        ' attachedToRef="a" cancelActivity="false"><signalEventDefinition signalRef="S"/></boundaryEvent>'
        f'<userTask id="y"/>{flows("b", "x")}{flows("c", "y")}'
    )
    body = f'<startEvent id="s"/><userTask id="a"/><endEvent id="e"/>{flows("s", "a", "e")}{events}'
    world = World(bpmn(body).replace(b"<process", b'<signal id="S" name="g"/><process', 1))
    world.start(n=1)
    world.act(lambda engine: engine.signal("g", {"n": 4}))
    assert world.keys() == ["x", "y"]
    workflow = json.loads(world.memory.instances[world.instance].state)["workflow"]
    assert workflow["last_task"] is None or workflow["last_task"] in workflow["tasks"]


def test_of_two_events_that_interrupt_at_the_same_time_one_does() -> None:
    events = "".join(
        f'<boundaryEvent id="b{number}" attachedToRef="a">{TIMER}</boundaryEvent>{flows(f"b{number}", "x")}'
        for number in range(2)
    )
    body = f'<startEvent id="s"/><userTask id="a"/><userTask id="x"/><endEvent id="e"/>{flows("s", "a", "e")}{events}'
    world = World(bpmn(body))
    world.start()
    world.pass_time(hours=1)
    assert world.keys() == ["x"]
    world.complete("x")
    assert world.ends() == ["FINISHED"]


@pytest.mark.parametrize("several", SEVERAL.values(), ids=SEVERAL)
def test_what_begins_and_is_interrupted_in_one_step_is_never_told(several: str) -> None:
    activity = f'<userTask id="a" camunda:asyncBefore="true">{several}</userTask>'
    event = f'<boundaryEvent id="b" attachedToRef="a">{TIMER}</boundaryEvent>'
    body = f'<startEvent id="s"/>{activity}{event}<endEvent id="e"/>{flows("s", "a", "e")}{flows("b", "e")}'
    world = World(bpmn(body))
    world.start()
    world.pass_time(hours=1)
    assert (world.keys(), world.ends()) == ([], ["FINISHED"])


def test_instances_that_ran_in_the_step_that_interrupts_them_run_no_further() -> None:
    several = SEVERAL["in turn"]
    activity = f'<serviceTask id="a" camunda:class="x" camunda:asyncBefore="true">{several}</serviceTask>'
    event = f'<boundaryEvent id="b" attachedToRef="a">{TIMER}</boundaryEvent>'
    body = f'<startEvent id="s"/>{activity}{event}<userTask id="t"/>{flows("s", "a", "t")}{flows("b", "t")}'
    world = World(bpmn(body), {"x": lambda _: None})
    world.start()
    world.pass_time(minutes=6)
    world.act(lambda engine: engine.retry(world.instance))
    assert world.keys() == ["t"]


def test_of_two_events_that_come_to_a_gateway_at_once_the_first_decides() -> None:
    body = (
        '<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="c1"><signalEventDefinition'
        f' signalRef="S"/></intermediateCatchEvent><intermediateCatchEvent id="c2">{TIMER}</intermediateCatchEvent>'
        f'<userTask id="x"/><userTask id="y"/>{flows("s", "g", "c1", "x")}{flows("g", "c2", "y")}'
    )
    world = World(bpmn(body).replace(b"<process", b'<signal id="S" name="g"/><process', 1))
    world.start()
    world.now += timedelta(hours=1)
    world.act(lambda engine: engine.signal("g"))
    assert world.keys() == ["x"]
