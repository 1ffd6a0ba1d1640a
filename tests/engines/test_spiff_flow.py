"""Wait states: timers, multi-instance, sub-processes, called processes, cancelling, savepoints and what is stored."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import json

import pytest

from domain.errors import AlreadyCompleted, ExecutionFailed
from domain.task import CompleteTask, CreateTask, DeleteTask
from engines.spiff import compiled
from engines.spiff import engine as engine_module
from tests.engines.memory import ConcurrentUpdate
from tests.engines.world import HEAD, World, bpmn, flows, one_task


def boundary(timer: str, *, interrupting: bool = True) -> bytes:
    return bpmn(
        f'<startEvent id="s"/><userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="{str(interrupting).lower()}">'
        f'<timerEventDefinition>{timer}</timerEventDefinition></boundaryEvent><userTask id="late"/><endEvent id="e"/><endEvent id="e2"/>'
        + flows("s", "t", "e")
        + flows("b", "late", "e2")
    )


def each(kind: str, loop: str) -> bytes:
    body = (
        f'<startEvent id="s"/>{kind}<multiInstanceLoopCharacteristics {loop}</multiInstanceLoopCharacteristics>'
        f"</userTask><endEvent id='e'/>{flows('s', 't', 'e')}"
    )
    return bpmn(body)


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


def test_a_timer_that_is_always_due_is_stopped() -> None:
    body = '<startEvent id="s"/><intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>PT0S</timeDuration></timerEventDefinition></intermediateCatchEvent>'
    with pytest.raises(ExecutionFailed, match=r"for ever|circles"):
        World(bpmn(body + '<exclusiveGateway id="g"/>' + flows("s", "g", "x", "g"))).start()


def test_an_unreadable_timer_says_where() -> None:
    with pytest.raises(ExecutionFailed, match=r"b: unreadable timer"):
        World(boundary("<timeDuration>a while</timeDuration>")).start()


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


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_one_task_per_item(sequential: str) -> None:
    task = '<userTask id="t" camunda:assignee="${who}" name="${loopCounter} of ${nrOfInstances}">'
    world = World(each(task, f'isSequential="{sequential}" camunda:collection="people" camunda:elementVariable="who">'))
    world.start(people=["ann", "bob", "cem"])
    seen = []
    while world.open():
        task_now = world.open()[0]
        seen.append((task_now.assignee, task_now.name, task_now.payload["who"], task_now.task_definition_key))
        assert len(world.open()) == (1 if sequential == "true" else 4 - len(seen))
        world.complete_id(task_now.engine_task_id, done=len(seen))
    assert seen == [(who, f"{index} of 3", who, "t") for index, who in enumerate(["ann", "bob", "cem"])]
    assert world.ends() == ["FINISHED"]
    assert world.variables() == {"people": ["ann", "bob", "cem"], "done": 3}
    assert json.loads(world.memory.instances[world.instance].state)["local"] == {}


@pytest.mark.parametrize(
    ("loop", "count"),
    [
        ('isSequential="false"><loopCardinality>3</loopCardinality>', 3),
        ('isSequential="false"><loopCardinality>${n}</loopCardinality>', 2),
        ('isSequential="true" camunda:collection="${nobody}">', 0),
        ('isSequential="false" camunda:collection="nobody">', 0),
    ],
)
def test_how_many(loop: str, count: int) -> None:
    world = World(each('<userTask id="t">', loop))
    world.start(n=2, nobody=[])
    assert len(world.open()) == count
    assert bool(world.ends()) == (count == 0)


def test_a_completion_condition_deletes_the_rest() -> None:
    loop = 'isSequential="false"><loopCardinality>4</loopCardinality><completionCondition>${nrOfCompletedInstances >= 2}</completionCondition>'
    world = World(each('<userTask id="t">', loop))
    world.start()
    world.complete("t")
    world.complete("t")
    assert world.words() == ["CompleteTask", "DeleteTask", "DeleteTask", "MoveInstance"]


@pytest.mark.parametrize("count", ["10001", "99999999999", "-1", "${n}"])
def test_too_many_instances(count: str) -> None:
    world = World(each('<userTask id="t">', f"><loopCardinality>{count}</loopCardinality>"))
    with pytest.raises(ExecutionFailed, match="10000"):
        world.start(n=10**6)


def test_a_collection_that_is_none() -> None:
    world = World(each('<userTask id="t">', 'camunda:collection="people">'))
    with pytest.raises(ExecutionFailed, match="people"):
        world.start(people={"a": 1})


def test_sub_processes_with_a_timer_around_them() -> None:
    inner = f'<subProcess id="sub"><startEvent id="is"/><userTask id="a"/><userTask id="b"/><endEvent id="ie"/>{flows("is", "a", "b", "ie")}</subProcess>'
    timer = '<boundaryEvent id="x" attachedToRef="sub"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>'
    body = f'<startEvent id="s"/>{inner}{timer}<userTask id="after"/><endEvent id="e"/>{flows("s", "sub", "after", "e")}{flows("x", "e")}'
    world = World(bpmn(body))
    world.start()
    world.complete("a", x=1)
    world.complete("b")
    assert world.open()[0].payload == {"x": 1}
    assert world.keys() == ["after"]
    world = World(bpmn(body))
    world.start()
    world.complete("a")
    world.pass_time(hours=1)
    assert world.words() == ["DeleteTask", "MoveInstance"]


CALLED = f'<process id="child" name="Child"><startEvent id="cs"/><userTask id="c"/><endEvent id="ce"/>{flows("cs", "c", "ce")}</process>'
CALLING = (
    '<process id="p" name="Parent"><startEvent id="s"/><callActivity id="call" calledElement="child"><extensionElements>'
    '<camunda:in source="x" target="y"/><camunda:out source="answer" target="result"/></extensionElements></callActivity>'
    f'<userTask id="after"/><endEvent id="e"/>{flows("s", "call", "after", "e")}</process>'
)


@pytest.mark.parametrize("together", [True, False])
def test_called_processes_of_the_same_file_and_of_others(*, together: bool) -> None:
    world = World(f"{HEAD}{CALLED}{CALLING if together else ''}</definitions>".encode())
    if not together:
        world.act(lambda engine: engine.deploy(f"{HEAD}{CALLING}</definitions>".encode()))
    world.start(x=5)
    assert (world.open()[0].task_definition_key, world.open()[0].payload) == ("c", {"x": 5, "y": 5})
    world.act(lambda engine: engine.deploy(f"{HEAD}{CALLED.replace('userTask', 'manualTask')}</definitions>".encode()))
    world.complete("c", answer=7)
    assert world.open()[0].payload == {"x": 5, "y": 5, "answer": 7, "result": 7}
    assert world.open()[0].process_name == "Parent"
    world.complete("after")
    assert world.ends() == ["FINISHED"]


def test_calling_what_is_not_deployed() -> None:
    with pytest.raises(ExecutionFailed, match=r"call: .*'child'"):
        World(f"{HEAD}{CALLING}</definitions>".encode()).start()


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
        monkeypatch.setattr(engine_module, "_PROCESSES", compiled.ProcessCache())
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


def test_an_inclusive_gateway_waits_for_what_it_started() -> None:
    ways = "".join(
        f'<sequenceFlow id="f{x}" sourceRef="f" targetRef="{x}"><conditionExpression>${{{x}}}</conditionExpression></sequenceFlow>'
        for x in "abc"
    )
    tasks = "".join(f'<userTask id="{x}"/>' for x in "abcz")
    gateways = '<inclusiveGateway id="f"/><inclusiveGateway id="j"/><endEvent id="e"/>'
    body = f'<startEvent id="s"/>{gateways}{tasks}{ways}{flows("s", "f")}{flows("a", "j", "z", "e")}{flows("b", "j")}{flows("c", "j")}'
    world = World(bpmn(body))
    world.start(a=True, b=True, c=False)
    assert world.keys() == ["a", "b"]
    world.complete("a")
    assert world.keys() == ["b"]
    world.complete("b")
    assert world.keys() == ["z"]
