"""What fails behind a task stops there: what a person did stands, and operators decide."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from domain.aggregates.task import CompleteTask
from domain.errors import BpmnError
from engines.protocol import Services
from tests.engines.world import World, bpmn, flows, one_task


def behind_a_task(element: str, more: str = "") -> bytes:
    body = f'<startEvent id="s"/><userTask id="first"/>{element}<userTask id="after"/><endEvent id="e"/>{flows("s", "first", "x", "after", "e")}'
    return bpmn(body + more)


FAULTS = {
    "a service that is not registered": '<serviceTask id="x" camunda:class="org.Missing"/>',
    "a service that is not named": '<serviceTask id="x"/>',
    "an expression that calls a bean": '<serviceTask id="x" camunda:expression="${bean.call(1)}"/>',
    "a variable that is not there": '<scriptTask id="x" scriptFormat="groovy"><script>execution.setVariable("y", nothing + 1)</script></scriptTask>',
    "a decision that is not deployed": '<businessRuleTask id="x" camunda:decisionRef="nowhere"/>',
    "a process that is not deployed": '<callActivity id="x" calledElement="nowhere"/>',
    "a called element that is no name": '<callActivity id="x" calledElement="${nothing}"/>',
    "a collection that is none": '<userTask id="x"><multiInstanceLoopCharacteristics camunda:collection="${1 + 1.5}"/></userTask>',
    "a timer that is no time": '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>${amount}</timeDuration></timerEventDefinition></intermediateCatchEvent>',
    "a listener": '<manualTask id="x"><extensionElements><camunda:executionListener event="start" expression="${gone}"/></extensionElements></manualTask>',
    "an input parameter": '<userTask id="x"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">${gone}</camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>',
    "a condition": '<exclusiveGateway id="x"/>',
    "a BPMN error that nothing catches": '<serviceTask id="x" camunda:class="raises"/>',
    "a sub-process's input": '<subProcess id="x"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">${gone}</camunda:inputParameter></camunda:inputOutput></extensionElements><startEvent id="is"/><endEvent id="ie"/><sequenceFlow id="if" sourceRef="is" targetRef="ie"/></subProcess>',
}


def raises(_variables: Mapping[str, Any]) -> None:
    raise BpmnError("NOBODY", "nobody catches this")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_completion_stands_and_the_instance_stops_before_the_element(fault: str) -> None:
    source = behind_a_task(FAULTS[fault])
    if fault == "a condition":
        source = source.replace(
            b'<sequenceFlow id="x_after" sourceRef="x" targetRef="after"/>',
            b'<sequenceFlow id="x_after" sourceRef="x" targetRef="after"><conditionExpression>${gone}</conditionExpression></sequenceFlow>'
            b'<sequenceFlow id="x_e" sourceRef="x" targetRef="e"><conditionExpression>${gone}</conditionExpression></sequenceFlow>',
        )
    world = World(source, {"raises": raises})
    world.start(amount=5)
    world.complete("first", answer=7)
    assert [type(said) for _, said in world.said[world.last :]] == [CompleteTask]
    assert list(world.incidents()) == ["x"], fault
    assert world.variables()["answer"] == 7
    assert world.open() == []
    assert world.ends() == []
    world.pass_time(hours=1)
    assert world.words() == [], "operators decide"


def test_what_is_mended_goes_on_where_it_stopped_and_nothing_is_done_twice() -> None:
    told: list[str] = []
    body = (
        '<startEvent id="s"/><serviceTask id="before" camunda:class="note"/><serviceTask id="x" camunda:class="missing"/>'
        f'<serviceTask id="behind" camunda:class="note"/><endEvent id="e"/>{flows("s", "before", "x", "behind", "e")}'
    )
    world = World(bpmn(body), {"note": lambda _: told.append("noted")})
    world.start()
    assert told == ["noted"]
    world.retry()
    assert told == ["noted"]
    assert list(world.incidents()) == ["x"]
    world.services.by_name["missing"] = lambda _: {"found": True}  # type: ignore[index]
    world.retry()
    assert told == ["noted", "noted"]
    assert world.ends() == ["FINISHED"]
    assert world.incidents() == {}


def test_a_fault_undoes_what_its_element_has_set() -> None:
    script = 'execution.setVariable("half", 1); execution.setVariable("whole", nothing + 1)'
    world = World(behind_a_task(f'<scriptTask id="x" scriptFormat="javascript"><script>{script}</script></scriptTask>'))
    world.start()
    world.complete("first")
    assert world.variables() == {}


def test_other_branches_and_their_timers_go_on() -> None:
    body = (
        '<startEvent id="s"/><parallelGateway id="f"/><serviceTask id="x" camunda:class="missing"/><userTask id="t"/>'
        '<intermediateCatchEvent id="c"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>'
        '<userTask id="later"/><endEvent id="e1"/><endEvent id="e2"/><endEvent id="e3"/>'
        + flows("s", "f", "x", "e1")
        + flows("f", "t", "e2")
        + flows("f", "c", "later", "e3")
    )
    world = World(bpmn(body))
    world.start()
    assert list(world.incidents()) == ["x"]
    assert world.keys() == ["t"]
    world.pass_time(hours=1)
    assert world.keys() == ["later", "t"]
    world.complete("t")
    world.complete("later")
    assert world.ends() == []
    world.services.by_name["missing"] = lambda _: None  # type: ignore[index]
    world.retry()
    assert world.ends() == ["FINISHED"]


def test_an_element_that_is_interrupted_has_no_incident_any_more() -> None:
    body = (
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="is"/><serviceTask id="x" camunda:class="missing"/><endEvent id="ie"/>'
        f'{flows("is", "x", "ie")}</subProcess><boundaryEvent id="b" attachedToRef="sub"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        f'</timerEventDefinition></boundaryEvent><userTask id="late"/><endEvent id="e"/>{flows("s", "sub", "e")}{flows("b", "late", "e")}'
    )
    world = World(bpmn(body))
    world.start()
    assert list(world.incidents()) == ["x"]
    world.pass_time(hours=2)
    assert world.incidents() == {}
    assert world.keys() == ["late"]


@pytest.mark.parametrize("drawn", ['camunda:asyncBefore="true"', 'camunda:async="true"'])
def test_a_border_ends_the_transaction_before_its_element(drawn: str) -> None:
    told: list[str] = []
    world = World(
        behind_a_task(f'<serviceTask id="x" camunda:class="note" {drawn}/>'), {"note": lambda _: told.append("x")}
    )
    world.start()
    world.complete("first")
    assert (told, world.keys(), world.incidents()) == ([], [], {})
    assert world.memory.instances[world.instance].due is not None
    world.pass_time(seconds=1)
    assert (told, world.keys()) == (["x"], ["after"])


def test_a_border_after_an_element_and_before_a_user_task() -> None:
    source = behind_a_task('<manualTask id="x" camunda:asyncAfter="true"/>')
    world = World(source.replace(b'<userTask id="first"/>', b'<userTask id="first" camunda:asyncBefore="true"/>'))
    world.start()
    assert world.keys() == []
    world.pass_time(seconds=1)
    world.complete("first")
    assert world.keys() == []
    world.pass_time(seconds=1)
    assert world.keys() == ["after"]


@pytest.mark.parametrize(
    ("code", "caught"), [("OOPS", "by_code"), ("OTHER", "by_any")], ids=["its own code", "any other"]
)
def test_a_service_raises_a_bpmn_error_that_the_model_catches(code: str, caught: str) -> None:
    def fail(_variables: Mapping[str, Any]) -> None:
        raise BpmnError(code, "it went wrong", {"left": 3})

    body = (
        '<startEvent id="s"/><serviceTask id="x" camunda:class="fail"/><userTask id="normal"/><userTask id="by_code"/><userTask id="by_any"/><endEvent id="e"/>'
        '<boundaryEvent id="b1" attachedToRef="x"><errorEventDefinition errorRef="Err" camunda:errorCodeVariable="code" camunda:errorMessageVariable="said"/></boundaryEvent>'
        '<boundaryEvent id="b2" attachedToRef="x"><errorEventDefinition/></boundaryEvent>'
        + flows("s", "x", "normal", "e")
        + flows("b1", "by_code", "e")
        + flows("b2", "by_any", "e")
    )
    source = bpmn(body).replace(b"<process", b'<error id="Err" errorCode="OOPS"/><process')
    world = World(source, {"fail": fail})
    world.start()
    assert world.keys() == [caught]
    assert world.open()[0].payload == {"left": 3} | (
        {"code": "OOPS", "said": "it went wrong"} if caught == "by_code" else {}
    )
    world.complete(caught)
    assert world.ends() == ["FINISHED"]


def test_an_error_goes_outward_through_sub_processes_and_calls() -> None:
    inner = f'<process id="inner"><startEvent id="is"/><endEvent id="ie"><errorEventDefinition errorRef="Err"/></endEvent>{flows("is", "ie")}</process>'
    body = (
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="ss"/><callActivity id="call" calledElement="inner"/><endEvent id="se"/>'
        f'{flows("ss", "call", "se")}</subProcess><boundaryEvent id="b" attachedToRef="sub"><errorEventDefinition errorRef="Err"/></boundaryEvent>'
        f'<userTask id="handle"/><endEvent id="e"/>{flows("s", "sub", "e")}{flows("b", "handle", "e")}'
    )
    source = bpmn(body).replace(b"<process", f'<error id="Err" errorCode="OOPS"/>{inner}<process'.encode(), 1)
    world = World(source)
    world.start()
    assert world.keys() == ["handle"]
    assert world.ends() == ["CANCELLED"], "the called instance"
    world.complete("handle")
    assert world.ends() == ["CANCELLED", "FINISHED"]


def test_an_event_sub_process_catches_an_error() -> None:
    body = (
        '<startEvent id="s"/><userTask id="t"/><endEvent id="e"><errorEventDefinition errorRef="Err"/></endEvent>'
        '<subProcess id="es" triggeredByEvent="true"><startEvent id="ess"><errorEventDefinition errorRef="Err"/></startEvent>'
        f'<userTask id="handle"/><endEvent id="ese"/>{flows("ess", "handle", "ese")}</subProcess>{flows("s", "t", "e")}'
    )
    world = World(bpmn(body).replace(b"<process", b'<error id="Err" errorCode="OOPS"/><process'))
    world.start()
    assert world.keys() == ["t"]
    world.complete("t")
    assert world.keys() == ["handle"]
    world.complete("handle")
    assert world.ends() == ["FINISHED"]


def test_an_escalation_is_told_without_interrupting() -> None:
    body = (
        '<startEvent id="s"/><subProcess id="sub"><startEvent id="ss"/><intermediateThrowEvent id="th"><escalationEventDefinition escalationRef="Esc"/></intermediateThrowEvent>'
        f'<userTask id="inside"/><endEvent id="se"/>{flows("ss", "th", "inside", "se")}</subProcess>'
        '<boundaryEvent id="b" attachedToRef="sub" cancelActivity="false"><escalationEventDefinition escalationRef="Esc"/></boundaryEvent>'
        f'<userTask id="boss"/><endEvent id="e"/><endEvent id="e2"/>{flows("s", "sub", "e")}{flows("b", "boss", "e2")}'
    )
    world = World(bpmn(body).replace(b"<process", b'<escalation id="Esc" escalationCode="UP"/><process'))
    world.start()
    assert world.keys() == ["boss", "inside"]
    world.complete("inside")
    world.complete("boss")
    assert world.ends() == ["FINISHED"]


@pytest.mark.parametrize("kind", ["escalation", "error"])
def test_what_an_event_sub_process_raises_again_goes_outward(kind: str) -> None:
    raised, not_yet = f'<{kind}EventDefinition {kind}Ref="Up"/>', 'isInterrupting="false"' * (kind == "escalation")
    again = (
        f'<subProcess id="es" triggeredByEvent="true"><startEvent id="ess" {not_yet}>{raised}</startEvent>'
        f'<userTask id="handle"/><endEvent id="ese">{raised}</endEvent>{flows("ess", "handle", "ese")}</subProcess>'
    )
    body = (
        f'<startEvent id="s"/><subProcess id="sub"><startEvent id="ss"/><userTask id="t"/><endEvent id="se">{raised}</endEvent>'
        f'{flows("ss", "t", "se")}{again}</subProcess><boundaryEvent id="b" attachedToRef="sub">{raised}</boundaryEvent>'
        f'<userTask id="boss"/><endEvent id="e"/><endEvent id="e2"/>{flows("s", "sub", "e")}{flows("b", "boss", "e2")}'
    )
    world = World(bpmn(body).replace(b"<process", f'<{kind} id="Up" {kind}Code="UP"/><process'.encode()))
    world.start()
    world.complete("t")
    assert world.keys() == ["handle"]
    world.complete("handle")
    assert world.keys() == ["boss"]
    world.complete("boss")
    assert world.ends() == ["FINISHED"]


def test_a_call_whose_end_fails_goes_on_when_that_is_mended() -> None:
    called = f'<process id="q" isExecutable="true"><startEvent id="qs"/><userTask id="inside"/>{flows("qs", "inside")}</process>'
    output = '<camunda:outputParameter name="o">${later}</camunda:outputParameter>'
    body = (
        '<startEvent id="s"/><callActivity id="c" calledElement="q"><extensionElements><camunda:inputOutput>'
        f'{output}</camunda:inputOutput></extensionElements></callActivity><endEvent id="e"/>{flows("s", "c", "e")}'
    )
    world = World(bpmn(body).replace(b"</definitions>", called.encode() + b"</definitions>"))
    world.start()
    world.complete_id(world.task("inside").engine_task_id)
    assert "later" in world.incidents()["c"]
    assert world.ends() == []
    world.act(lambda engine: engine.set_variables(world.instance, {"later": 1}))
    world.retry()
    assert world.ends() == ["FINISHED", "FINISHED"]


def test_a_message_of_an_element_that_fails_behind_it_is_sent_once() -> None:
    listener = (
        '<extensionElements><camunda:executionListener event="end" expression="${execution.setVariable(\'x\', later)}"/>'
        "</extensionElements>"
    )
    body = (
        f'<startEvent id="s"/><intermediateThrowEvent id="t">{listener}<messageEventDefinition messageRef="M"/>'
        f'</intermediateThrowEvent><endEvent id="e"/>{flows("s", "t", "e")}'
    )
    other = f'<process id="r" isExecutable="true"><startEvent id="rs"><messageEventDefinition messageRef="M"/></startEvent><userTask id="got"/>{flows("rs", "got")}</process>'
    source = bpmn(body).replace(b"<process", b'<message id="M" name="m"/><process', 1)
    world = World(source.replace(b"</definitions>", other.encode() + b"</definitions>"))
    world.start()
    assert (world.keys(), list(world.incidents())) == ([], ["t"])
    world.act(lambda engine: engine.set_variables(world.instance, {"later": 1}))
    world.retry()
    assert (world.keys(), world.ends()) == (["got"], ["FINISHED"])


def test_input_parameters_that_failed_are_set_when_they_are_tried_again() -> None:
    given = '<camunda:inputParameter name="i">${later}</camunda:inputParameter>'
    body = f"<extensionElements><camunda:inputOutput>{given}</camunda:inputOutput></extensionElements>"
    world = World(one_task(f'<userTask id="t" name="${{i}}">{body}</userTask>'))
    world.start()
    assert list(world.incidents()) == ["t"]
    world.act(lambda engine: engine.set_variables(world.instance, {"later": "now"}))
    world.retry()
    assert world.task("t").name == "now"


@pytest.mark.parametrize(
    ("said", "pauses"),
    [
        ("<camunda:failedJobRetryTimeCycle>R3/PT10M</camunda:failedJobRetryTimeCycle>", [600, 600]),
        ("<camunda:failedJobRetryTimeCycle>PT1M, PT1H</camunda:failedJobRetryTimeCycle>", [60, 3600]),
        ("<camunda:failedJobRetryTimeCycle>PT5M</camunda:failedJobRetryTimeCycle>", [300]),
        ("<camunda:failedJobRetryTimeCycle>${rhythm}</camunda:failedJobRetryTimeCycle>", [60]),
        ("<camunda:failedJobRetryTimeCycle>R1/PT1M</camunda:failedJobRetryTimeCycle>", []),
        ("<camunda:failedJobRetryTimeCycle>${gone}</camunda:failedJobRetryTimeCycle>", [2, 5, 10, 20]),
        ("<camunda:failedJobRetryTimeCycle>P9999Y</camunda:failedJobRetryTimeCycle>", []),
    ],
)
def test_a_service_is_tried_as_often_as_the_model_says(said: str, pauses: list[int]) -> None:
    tries: list[int] = []

    def fails(_: Any) -> None:
        tries.append(1)
        raise ConnectionError

    task = f'<serviceTask id="x" camunda:class="fails"><extensionElements>{said}</extensionElements></serviceTask>'
    world = World(bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "x", "e")}'), {"fails": fails})
    world.start(rhythm="R2/PT1M")
    for number, pause in enumerate(pauses, 1):
        assert (len(tries), world.incidents()) == (number, {})
        world.pass_time(seconds=pause - 1)
        assert len(tries) == number
        world.pass_time(seconds=1)
    assert (len(tries), list(world.incidents())) == (len(pauses) + 1, ["x"])


def test_without_a_number_it_is_tried_for_ever() -> None:
    def fails(_: Any) -> None:
        raise ConnectionError

    said = "<camunda:failedJobRetryTimeCycle>R/PT1M</camunda:failedJobRetryTimeCycle>"
    task = f'<serviceTask id="x" camunda:class="fails"><extensionElements>{said}</extensionElements></serviceTask>'
    world = World(bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "x", "e")}'), {"fails": fails})
    world.start()
    for _ in range(20):
        world.pass_time(minutes=1)
    assert world.incidents() == {}


def test_a_service_is_tried_as_often_as_a_worker_of_camunda_8_would() -> None:
    tries: list[int] = []

    def fails(_: Any) -> None:
        tries.append(1)
        raise ConnectionError

    said = '<extensionElements><z:taskDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" type="fails" retries="2"/></extensionElements>'
    body = f'<startEvent id="s"/><serviceTask id="x">{said}</serviceTask><endEvent id="e"/>{flows("s", "x", "e")}'
    world = World(bpmn(body), {"fails": fails})
    world.start()
    assert world.incidents() == {}
    world.pass_time(seconds=2)
    assert (len(tries), list(world.incidents())) == (2, ["x"])


MAIL = 'camunda:class="mail"'


@pytest.mark.parametrize(
    ("said", "more", "retries"),
    [
        ("R7/PT10M", MAIL, 7),
        ("${rhythm}", MAIL, 2),
        ("${gone}", MAIL, None),
        ("R/PT1M", MAIL, None),
        ("R7/PT10M", 'camunda:type="external" camunda:topic="mail"', None),
    ],
)
def test_a_job_is_tried_as_often_as_the_model_says(said: str, more: str, retries: int | None) -> None:
    cycle = f"<camunda:failedJobRetryTimeCycle>{said}</camunda:failedJobRetryTimeCycle>"
    task = f'<serviceTask id="x" {more}><extensionElements>{cycle}</extensionElements></serviceTask>'
    world = World()
    world.services = Services(jobs=frozenset({"mail"}))
    world.act(lambda engine: engine.deploy(bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "x", "e")}')))
    world.start(rhythm="R2/PT1M")
    assert [job.retries for job in world.memory.jobs.values()] == [retries]


def test_a_retry_cycle_that_cannot_be_read_is_warned_of() -> None:
    task = '<serviceTask id="x" camunda:type="external" camunda:topic="t"><extensionElements><camunda:failedJobRetryTimeCycle>often</camunda:failedJobRetryTimeCycle></extensionElements></serviceTask>'
    source = bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "x", "e")}')
    told = World().act(lambda engine: engine.deploy(source)).warnings
    assert [(one.element, one.text) for one in told] == [("x", "the retry cycle 'often' cannot be read")]
