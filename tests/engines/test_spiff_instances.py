"""Several at once: multi-instance, sub-processes, called processes, inclusive gateways."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import json

import pytest

from tests.engines.world import HEAD, World, bpmn, flows


def each(kind: str, loop: str) -> bytes:
    body = (
        f'<startEvent id="s"/>{kind}<multiInstanceLoopCharacteristics {loop}</multiInstanceLoopCharacteristics>'
        f"</userTask><endEvent id='e'/>{flows('s', 't', 'e')}"
    )
    return bpmn(body)


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


@pytest.mark.parametrize(("sequential", "active"), [("true", ["1", "1", "1"]), ("false", ["3", "3", "3"])])
@pytest.mark.parametrize("said", [0, 3, 99, "many", None])
def test_how_many_are_over_is_counted_whatever_variables_say(sequential: str, active: list[str], said: object) -> None:
    """As with `out variables="all"` of a called process that was given all, or by whoever completes one of them."""
    wrong = dict.fromkeys(("nrOfInstances", "nrOfCompletedInstances", "nrOfActiveInstances", "loopCounter"), said)
    loop = f'isSequential="{sequential}"><loopCardinality>3</loopCardinality><completionCondition>${{nrOfCompletedInstances >= 3}}</completionCondition>'
    world = World(each('<userTask id="t">', loop))
    world.start()
    seen = []
    while world.open():
        seen.append(str(world.open()[0].payload["nrOfActiveInstances"]))
        world.complete_id(world.open()[0].engine_task_id, **wrong)
    assert (seen, world.ends(), world.incidents()) == (active, ["FINISHED"], {})


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_several_called_processes_that_share_all_variables(sequential: str) -> None:
    call = '<callActivity id="a" calledElement="child"><extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></extensionElements>'
    several = f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics></callActivity>'
    child = (
        f'<process id="child" isExecutable="true"><startEvent id="cs"/><userTask id="t"/>{flows("cs", "t")}</process>'
    )
    caller = bpmn(f'<startEvent id="s"/>{call}{several}<endEvent id="e"/>{flows("s", "a", "e")}')
    world = World(caller.replace(b"</definitions>", f"{child}</definitions>".encode()))
    world.start()
    for _ in range(3):
        world.complete_id(world.open()[0].engine_task_id)
    assert (world.open(), len([one for one in world.memory.instances.values() if one.finished])) == ([], 4)


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
    world.start(n=10**6)
    assert "10000" in world.incidents()["t"]
    assert world.keys() == []


def test_a_collection_that_is_none() -> None:
    world = World(each('<userTask id="t">', 'camunda:collection="people">'))
    world.start(people={"a": 1})
    assert "people" in world.incidents()["t"]
    world.act(lambda engine: engine.set_variables(world.instance, {"people": ["ann", "bob"]}))
    world.retry()
    assert world.keys() == ["t", "t"]


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
    assert (world.open()[0].task_definition_key, world.open()[0].payload) == ("c", {"y": 5})
    assert world.open()[0].process_name == "Child"
    assert world.open()[0].process_instance_id != world.instance
    world.act(lambda engine: engine.deploy(f"{HEAD}{CALLED.replace('userTask', 'manualTask')}</definitions>".encode()))
    world.complete("c", answer=7)
    assert world.open()[0].payload == {"x": 5, "result": 7}
    assert world.open()[0].process_name == "Parent"
    world.complete("after")
    assert world.ends() == ["FINISHED", "FINISHED"]


def test_calling_what_is_not_deployed() -> None:
    world = World(f"{HEAD}{CALLING}</definitions>".encode())
    world.start()
    assert world.incidents() == {"call": "call: the process 'child' that is called here is not deployed"}
    world.act(lambda engine: engine.deploy(f"{HEAD}{CALLED}</definitions>".encode()))
    world.retry()
    assert world.keys() == ["c"]


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


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_what_is_within_several_that_are_interrupted_ends_with_them(sequential: str) -> None:
    within = f'<startEvent id="is"/><userTask id="t"/>{flows("is", "t")}'
    reminder = f'<subProcess id="es" triggeredByEvent="true"><startEvent id="ts" isInterrupting="false"><timerEventDefinition><timeDuration>PT5M</timeDuration></timerEventDefinition></startEvent><userTask id="r"/>{flows("ts", "r")}</subProcess>'
    loop = f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>'
    limit = '<boundaryEvent id="b" attachedToRef="sp"><timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition></boundaryEvent>'
    body = f'<startEvent id="s"/><subProcess id="sp">{loop}{within}{reminder}</subProcess>{limit}<userTask id="x"/>{flows("s", "sp")}{flows("b", "x")}'
    world = World(bpmn(body))
    world.start()
    world.pass_time(minutes=2)
    assert world.keys() == ["x"]
    world.pass_time(minutes=10)
    assert world.keys() == ["x"]
    world.complete("x")
    assert world.ends() == ["FINISHED"]
