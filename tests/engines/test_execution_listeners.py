"""Listeners of flows, processes and every kind of element: each is told once, in the order things happen."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import BpmnError
from tests.engines.world import HEAD, World, bpmn, flows


def listen(event: str | None, name: str, kind: str = "executionListener") -> str:
    said = f"execution.setVariable('heard', execution.getVariable('heard') + ' {name}')"
    when = f'event="{event}"' if event else ""
    return f'<camunda:{kind} {when} expression="${{{said}}}"/>'


def both(name: str) -> str:
    return f"<extensionElements>{listen('start', name + '+')}{listen('end', name + '-')}</extensionElements>"


def flow(name: str, source: str, target: str, inner: str = "", event: str | None = "take") -> str:
    held = f"<extensionElements>{listen(event, name)}</extensionElements>"
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{held}{inner}</sequenceFlow>'


def heard(world: World) -> list[str]:
    return str(world.variables()["heard"]).split()


def ran(body: str, *, extra: str = "", **variables: Any) -> list[str]:
    source = f'{HEAD}<process id="p" isExecutable="true">{body}</process>{extra}</definitions>'.encode()
    world = World()
    warnings = world.act(lambda engine: engine.deploy(source)).warnings
    assert warnings == []
    world.start(heard="", **variables)
    assert world.incidents() == {}
    return heard(world)


def test_a_process_its_events_and_its_flows() -> None:
    body = (
        both("p")
        + f'<startEvent id="s">{both("s")}</startEvent><task id="x">{both("x")}</task><endEvent id="e">{both("e")}</endEvent>'
        + flow("f", "s", "x")
        + flow("g", "x", "e", event=None)
    )
    assert ran(body) == ["p+", "s+", "s-", "f", "x+", "x-", "g", "e+", "e-", "p-"]


def test_gateways_and_the_flows_they_choose() -> None:
    yes = "<conditionExpression>${n == 1}</conditionExpression>"
    for kind in ("exclusiveGateway", "inclusiveGateway"):
        body = (
            f'<startEvent id="s"/><{kind} id="g" default="no">{both("g")}</{kind}><task id="a"/><task id="b"/><endEvent id="e"/>'
            + flows("s", "g")
            + flow("yes", "g", "a", yes)
            + flow("no", "g", "b")
            + flows("a", "e")
            + flows("b", "e")
        )
        assert ran(body, n=1) == ["g+", "g-", "yes"]
        assert ran(body, n=2) == ["g+", "g-", "no"]


def test_a_parallel_gateway_that_joins_is_told_once() -> None:
    body = (
        f'<startEvent id="s"/><parallelGateway id="f"/><task id="a"/><task id="b"/><parallelGateway id="j">{both("j")}</parallelGateway><endEvent id="e"/>'
        + flows("s", "f", "a", "j")
        + flows("f", "b")
        + flow("late", "b", "j")
        + flows("j", "e")
    )
    assert ran(body) == ["late", "j+", "j-"]


def test_conditions_on_flows_that_leave_an_activity() -> None:
    where = '<camunda:executionListener event="take" expression="${execution.setVariable(\'heard\', execution.currentActivityId + execution.currentTransitionId)}"/>'
    body = (
        '<startEvent id="s"/><task id="a"/><task id="b"/><endEvent id="e"/>'
        + flows("s", "a")
        + f'<sequenceFlow id="yes" sourceRef="a" targetRef="b"><extensionElements>{where}</extensionElements><conditionExpression>${{n == 1}}</conditionExpression></sequenceFlow>'
        + '<sequenceFlow id="no" sourceRef="a" targetRef="e"><conditionExpression>${n != 1}</conditionExpression></sequenceFlow>'
        + flows("b", "e")
    )
    assert ran(body, n=1) == ["ayes"]


def test_a_sub_process_and_several_instances() -> None:
    several = (
        "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    inner = f'<startEvent id="is">{both("is")}</startEvent><endEvent id="ie">{both("ie")}</endEvent>{flows("is", "ie")}'
    body = f'<startEvent id="s"/><subProcess id="x">{both("x")}SEVERAL{inner}</subProcess><endEvent id="e"/>{flows("s", "x", "e")}'
    assert ran(body.replace("SEVERAL", "")) == ["x+", "is+", "is-", "ie+", "ie-", "x-"]
    assert ran(body.replace("SEVERAL", several)).count("x+") == 2
    assert ran(body.replace("SEVERAL", several)).count("x-") == 2


def test_throwing_and_terminating_events() -> None:
    body = (
        both("p")
        + f'<startEvent id="s"/><intermediateThrowEvent id="t">{both("t")}</intermediateThrowEvent><endEvent id="e">{both("e")}<terminateEventDefinition/></endEvent>'
        + flows("s", "t", "e")
    )
    assert ran(body) == ["p+", "t+", "t-", "e+", "e-", "p-"]


def test_what_terminating_interrupts_ends_too() -> None:
    body = (
        f'<startEvent id="s"/><parallelGateway id="g"/><userTask id="x">{both("x")}</userTask><task id="y"/><endEvent id="e"/><endEvent id="t"><terminateEventDefinition/></endEvent>'
        + flows("s", "g", "x", "e")
        + flows("g", "y", "t")
    )
    assert ran(body) == ["x+", "x-"]


BOUNDARY = (
    f'<startEvent id="s"/><userTask id="x"><extensionElements>{listen("delete", "x!", "taskListener")}{listen("start", "x+")}{listen("end", "x-")}</extensionElements></userTask>'
    f'<boundaryEvent id="b" attachedToRef="x">{both("b")}<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>'
    f'<endEvent id="e"/><endEvent id="be"/>{flows("s", "x", "e")}{flows("b", "be")}'
)


def test_a_boundary_event_begins_when_it_happens_and_what_it_interrupts_ends() -> None:
    world = World(bpmn(BOUNDARY))
    world.start(heard="")
    assert heard(world) == ["x+"]
    world.pass_time(hours=1)
    assert sorted(heard(world)) == ["b+", "b-", "x!", "x+", "x-"]
    assert heard(world).index("x-") < heard(world).index("x!")
    world = World(bpmn(BOUNDARY))
    world.start(heard="")
    world.complete("x")
    assert heard(world) == ["x+", "x-"]


def test_an_event_sub_process_begins_when_its_event_happens() -> None:
    event = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    inner = f'<startEvent id="is">{both("is")}{event}</startEvent><endEvent id="ie"/>{flows("is", "ie")}'
    body = f'<startEvent id="s"/><userTask id="x"/><endEvent id="e"/>{flows("s", "x", "e")}<subProcess id="b" triggeredByEvent="true">{both("b")}{inner}</subProcess>'
    world = World(bpmn(body))
    world.start(heard="")
    assert heard(world) == []
    world.pass_time(hours=1)
    assert heard(world) == ["b+", "is+", "is-", "b-"]
    world = World(bpmn(body))
    world.start(heard="")
    world.complete("x")
    assert heard(world) == []


def test_only_the_start_event_that_is_begun_at_is_told() -> None:
    message = '<messageEventDefinition messageRef="m"/>'
    body = f'{both("p")}<startEvent id="s">{both("s")}</startEvent><startEvent id="t">{both("t")}{message}</startEvent><endEvent id="e"/>{flows("s", "e")}{flows("t", "e")}'
    extra = '<message id="m" name="go"/>'
    assert ran(body, extra=extra) == ["p+", "s+", "s-", "p-"]
    world = World(f'{HEAD}<process id="p" isExecutable="true">{body}</process>{extra}</definitions>'.encode())
    world.instance = world.act(lambda engine: engine.correlate("go", variables={"heard": ""}))["processInstanceId"]
    assert heard(world) == ["p+", "t+", "t-", "p-"]


def test_a_called_process_has_listeners_of_its_own() -> None:
    called = f'<process id="q" isExecutable="true">{both("q")}<startEvent id="qs"/><userTask id="qt"/><endEvent id="qe"/>{flows("qs", "qt", "qe")}</process>'
    call = '<callActivity id="x" calledElement="q"><extensionElements><camunda:in variables="all"/><camunda:out variables="all"/></extensionElements></callActivity>'
    body = f'<startEvent id="s"/>{call}<userTask id="after"/><endEvent id="e"/>{flows("s", "x", "after", "e")}'
    world = World(f'{HEAD}<process id="p" isExecutable="true">{body}</process>{called}</definitions>'.encode())
    world.start(heard="")
    world.complete("qt")
    assert heard(world) == ["q+", "q-"]


def test_the_initiator_is_known_to_listeners_of_the_process() -> None:
    say = '<extensionElements><camunda:executionListener event="start" expression="${execution.setVariable(\'who\', starter)}"/></extensionElements>'
    world = World(
        bpmn(
            f'{say}<startEvent id="s" camunda:initiator="starter"/><userTask id="x"/><endEvent id="e"/>{flows("s", "x", "e")}'
        )
    )
    world.start()
    assert world.variables()["who"] == "kermit"


def failing(event: str) -> str:
    return f'<extensionElements><camunda:executionListener event="{event}" expression="${{execution.setVariable(\'done\', gone)}}"/></extensionElements>'


@pytest.mark.parametrize(
    ("where", "element"),
    [
        ("start", "s"),
        ("end", "p"),
        ("take", "f"),
    ],
)
def test_what_fails_in_a_process_or_on_a_flow_stops_there(where: str, element: str) -> None:
    held = failing(where)
    process, taken = ("", held) if where == "take" else (held, "")
    body = f'{process}<startEvent id="s"/><task id="x"/><endEvent id="e"/><sequenceFlow id="f" sourceRef="s" targetRef="x">{taken}</sequenceFlow>{flows("x", "e")}'
    world = World(bpmn(body))
    world.start()
    assert (list(world.incidents()), world.ends()) == ([element], [])
    world.act(lambda engine: engine.set_variables(world.instance, {"gone": 1}))
    world.retry()
    assert (world.incidents(), world.ends()) == ({}, ["FINISHED"])
    assert world.variables()["done"] == 1


def test_a_cancelled_instance_tells_what_it_was_doing() -> None:
    told: list[str] = []
    ends = {name: lambda _, name=name: told.append(name) for name in ("p", "q", "x", "c")}

    def end(name: str) -> str:
        return f'<extensionElements><camunda:executionListener event="end" class="{name}"/></extensionElements>'

    task = f'<userTask id="x">{end("x")}</userTask>'
    called = f'<process id="q" isExecutable="true">{end("q")}<startEvent id="qs"/>{task}<endEvent id="qe"/>{flows("qs", "x", "qe")}</process>'
    body = f'{end("p")}<startEvent id="s"/><callActivity id="c" calledElement="q">{end("c")}</callActivity><endEvent id="e"/>{flows("s", "c", "e")}'
    source = f'{HEAD}<process id="p" isExecutable="true">{body}</process>{called}</definitions>'.encode()
    world = World(source, ends)
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, "over"))
    assert told == ["x", "q", "c", "p"]
    world = World(source, {**ends, "p": None})
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, "over"))
    assert world.ends().count("CANCELLED") == 2, "what fails in that cancels no less"


def test_a_listener_before_a_wait_may_raise_a_bpmn_error() -> None:
    def refuse(_: Any) -> None:
        raise BpmnError("no")

    held = '<extensionElements><camunda:executionListener event="start" class="refuse"/></extensionElements>'
    for element in (f'<receiveTask id="x">{held}</receiveTask>', f'<userTask id="x">{held}</userTask>'):
        inner = f'<startEvent id="is"/>{element}<endEvent id="ie"/>{flows("is", "x", "ie")}'
        body = (
            f'<startEvent id="s"/><subProcess id="sub">{inner}</subProcess><endEvent id="e"/>{flows("s", "sub", "e")}'
            f'<boundaryEvent id="b" attachedToRef="sub"><errorEventDefinition/></boundaryEvent><userTask id="late"/><endEvent id="be"/>{flows("b", "late", "be")}'
        )
        world = World(bpmn(body), {"refuse": refuse})
        world.start()
        assert (world.incidents(), world.keys()) == ({}, ["late"])
    world = World(
        bpmn(f'<startEvent id="s"/><receiveTask id="x">{held}</receiveTask><endEvent id="e"/>{flows("s", "x", "e")}'),
        {"refuse": refuse},
    )
    world.start()
    assert "nothing catches" in world.incidents()["x"]
