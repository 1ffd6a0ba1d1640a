"""Timers: once, in time, interrupting or not, and the event sub-processes and gateways that wait for them."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import pytest

from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask
from domain.errors import AlreadyCompleted
from engines.spiff import steps
from tests.engines.world import World, bpmn, flows


def boundary(timer: str, *, interrupting: bool = True) -> bytes:
    return bpmn(
        f'<startEvent id="s"/><userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="{str(interrupting).lower()}">'
        f'<timerEventDefinition>{timer}</timerEventDefinition></boundaryEvent><userTask id="late"/><endEvent id="e"/><endEvent id="e2"/>'
        + flows("s", "t", "e")
        + flows("b", "late", "e2")
    )


@pytest.mark.parametrize(
    "timer",
    [
        "<timeDuration>PT1H</timeDuration>",
        "<timeDuration> ${wait} </timeDuration>",
        "<timeDate>2026-11-22T11:00:00Z</timeDate>",
        "<timeDate>${dateTime().plusHours(1).toDate()}</timeDate>",
    ],
)
def test_an_interrupting_timer_fires_once(timer: str) -> None:
    world = World(boundary(timer))
    world.start(wait="PT1H")
    task_id = world.open()[0].engine_task_id
    assert world.memory.instances[world.instance].due == "2026-11-22T11:00:00.000Z"
    world.pass_time(minutes=59)
    assert world.words() == []
    world.pass_time(minutes=1)
    assert world.words() == ["DeleteTask", "CreateTask"]
    assert world.keys() == ["late"]
    assert world.memory.instances[world.instance].due is None
    world.pass_time(hours=5)
    assert world.words() == []
    with pytest.raises(AlreadyCompleted):
        world.complete_id(task_id)
    world.complete("late")
    assert world.ends() == ["FINISHED"]


def test_completing_in_time_ends_the_timer() -> None:
    world = World(boundary("<timeDuration>PT1H</timeDuration>"))
    world.start()
    world.complete("t")
    assert world.ends() == ["FINISHED"]
    world.pass_time(hours=2)
    assert world.words() == []


def test_a_timer_that_does_not_interrupt() -> None:
    world = World(boundary("<timeDuration>PT1H</timeDuration>", interrupting=False))
    world.start()
    world.pass_time(hours=1)
    assert world.keys() == ["late", "t"]
    world.complete("t")
    world.complete("late")
    assert world.ends() == ["FINISHED"]


def test_a_cycle_fires_as_often_as_it_says() -> None:
    world = World(boundary("<timeCycle>R2/PT10M</timeCycle>", interrupting=False))
    world.start()
    for tasks in (["late", "t"], ["late", "late", "t"], ["late", "late", "t"]):
        world.pass_time(minutes=10)
        assert world.keys() == tasks


def test_a_timer_that_is_always_due_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_STEPS", 40)
    body = '<startEvent id="s"/><intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition></intermediateCatchEvent>'
    world = World(bpmn(body + '<exclusiveGateway id="g"/>' + flows("s", "g", "x", "g")))
    world.start()
    for _ in range(steps.MOST_ROUNDS):
        world.pass_time(seconds=1)
    assert list(world.incidents().values()) == [steps.CIRCLES]


def test_an_unreadable_timer_says_where() -> None:
    world = World(boundary("<timeDuration>${wait}</timeDuration>"))
    world.start(wait="a while")
    assert world.incidents()["b"].startswith("b: unreadable timer")
    assert world.keys() == ["t"]


def test_intermediate_timers_and_due_of_the_earliest() -> None:
    def catch(name: str, wait: str) -> str:
        timer = f"<timerEventDefinition><timeDuration>{wait}</timeDuration></timerEventDefinition>"
        return f'<intermediateCatchEvent id="{name}">{timer}</intermediateCatchEvent>'

    body = (
        f'<startEvent id="s"/><parallelGateway id="f"/>{catch("x", "PT2H")}{catch("y", "PT0S")}{catch("z", "P1D")}'
        '<parallelGateway id="j"/><userTask id="t"/><endEvent id="e"/>'
        + flows("s", "f", "x", "j", "t", "e")
        + flows("f", "y", "j")
        + flows("f", "z", "j")
    )
    world = World(bpmn(body))
    world.start()
    assert world.memory.instances[world.instance].due == "2026-11-22T12:00:00.000Z"
    world.pass_time(hours=3)
    assert world.memory.instances[world.instance].due == "2026-11-23T10:00:00.000Z"
    world.pass_time(days=1)
    assert world.keys() == ["t"]


def test_every_create_has_one_end() -> None:
    world = World(boundary("<timeDuration>PT1H</timeDuration>", interrupting=False))
    world.start()
    world.pass_time(hours=1)
    world.act(lambda engine: engine.cancel(world.instance, None))
    created = [key for key, said in world.said if isinstance(said, CreateTask)]
    ended = [key for key, said in world.said if isinstance(said, CompleteTask | DeleteTask)]
    assert sorted(created) == sorted(ended)


def event_subprocess(trigger: str, more: str = "") -> bytes:
    inner = f'<startEvent id="es" {more}>{trigger}</startEvent><userTask id="inner"/><endEvent id="ee"/>{flows("es", "inner", "ee")}'
    body = f'<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'
    return bpmn(f'{body}<subProcess id="ev" triggeredByEvent="true">{inner}</subProcess>')


HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


@pytest.mark.parametrize("trigger", [HOUR, "<messageEventDefinition/>", "<signalEventDefinition/>"])
def test_an_event_sub_process_ends_with_the_main_flow(trigger: str) -> None:
    world = World(event_subprocess(trigger))
    world.start()
    world.complete("t")
    assert world.words() == ["CompleteTask", "MoveInstance"]


def test_an_event_sub_process_interrupts_or_not() -> None:
    world = World(event_subprocess(HOUR))
    world.start()
    world.pass_time(hours=1)
    assert world.words() == ["DeleteTask", "CreateTask"]
    world.complete("inner")
    assert world.ends() == ["FINISHED"]
    world = World(event_subprocess(HOUR, 'isInterrupting="false"'))
    world.start()
    world.pass_time(hours=1)
    assert world.keys() == ["inner", "t"]
    world.complete("t")
    world.complete("inner")
    assert world.ends() == ["FINISHED"]


def test_an_event_gateway_takes_what_comes_first() -> None:
    catch = '<intermediateCatchEvent id="m"><messageEventDefinition/></intermediateCatchEvent>'
    wait = f'<intermediateCatchEvent id="x">{HOUR}</intermediateCatchEvent>'
    tasks = '<userTask id="a"/><userTask id="b"/><endEvent id="e"/>'
    body = f'<startEvent id="s"/><eventBasedGateway id="g"/>{catch}{wait}{tasks}'
    world = World(bpmn(body + flows("s", "g", "m", "a", "e") + flows("g", "x", "b", "e")))
    world.start()
    world.pass_time(hours=1)
    assert world.keys() == ["b"]


def test_a_timer_on_the_boundary_of_several_sub_processes_ends_what_is_within_them() -> None:
    several = (
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    inner = f'<startEvent id="is"/><userTask id="in"/><endEvent id="ie"/>{flows("is", "in", "ie")}'
    body = (
        f'<startEvent id="s"/><subProcess id="sub">{several}{inner}</subProcess><endEvent id="e"/>{flows("s", "sub", "e")}'
        f'<boundaryEvent id="b" attachedToRef="sub">{HOUR}</boundaryEvent><userTask id="late"/><endEvent id="e2"/>'
    )
    world = World(bpmn(body + flows("b", "late", "e2")))
    world.start()
    assert world.keys() == ["in", "in"]
    world.pass_time(hours=1)
    assert (world.keys(), world.words()) == (["late"], ["DeleteTask", "DeleteTask", "CreateTask"])
