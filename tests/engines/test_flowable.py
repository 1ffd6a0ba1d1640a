"""What Flowable and Activiti say their own way: decisions as services, what a call hands over, scripts of listeners."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import pytest

from domain.errors import InvalidDefinition
from tests.engines import dmn
from tests.engines.world import World, bpmn, flows

FIELD = '<flowable:field name="decisionTableReferenceKey"><flowable:string><![CDATA[transport]]></flowable:string></flowable:field>'
ATTRIBUTE = '<activiti:field name="decisionServiceReferenceKey" stringValue="transport"/>'


def decided(field: str, space: str) -> bytes:
    task = f'<serviceTask id="t" {space}:type="dmn"><extensionElements>{field}</extensionElements></serviceTask><userTask id="u"/>'
    return bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "t", "u", "e")}')


def table(policy: str = "UNIQUE") -> bytes:
    rules = (["< 5", '"foot"', "1"], ["< 50", '"train"', "9"]) if policy != "UNIQUE" else (["< 5", '"foot"', "1"],)
    return dmn.definitions(dmn.decision("transport", dmn.table(["km"], ["by", "cost"], *rules, policy=policy)))


@pytest.mark.parametrize(("field", "space"), [(FIELD, "flowable"), (ATTRIBUTE, "activiti")])
def test_a_service_of_type_dmn_is_a_decision_whose_outputs_are_variables(field: str, space: str) -> None:
    world = World(table())
    world.act(lambda engine: engine.deploy(decided(field, space)))
    world.start(km=3)
    assert world.variables() == {"km": 3, "by": "foot", "cost": 1}
    world.start(km=7)
    assert world.variables() == {"km": 7}


def test_of_several_rows_the_decision_gives_a_list_of_its_name() -> None:
    world = World(table("RULE ORDER"))
    world.act(lambda engine: engine.deploy(decided(FIELD, "flowable")))
    world.start(km=3)
    assert world.variables()["transport"] == [{"by": "foot", "cost": 1}, {"by": "train", "cost": 9}]


def test_a_decision_that_is_not_there_is_told_by_its_name() -> None:
    warnings = World().act(lambda engine: engine.deploy(decided(FIELD, "flowable"))).warnings
    assert [one.text for one in warnings] == ["the decision 'transport' is not deployed"]


@pytest.mark.parametrize(
    ("said", "seen", "key"),
    [
        ("", {}, None),
        ('flowable:inheritVariables="false"', {}, None),
        ('flowable:inheritVariables="true"', {"a": 1}, None),
        ('flowable:inheritBusinessKey="true"', {}, "order-7"),
    ],
)
def test_what_a_called_process_takes_over(said: str, seen: dict[str, int], key: str | None) -> None:
    called = f'<process id="q" isExecutable="true"><startEvent id="qs"/><userTask id="inside"/>{flows("qs", "inside")}</process>'
    call = (
        f'<startEvent id="s"/><callActivity id="c" calledElement="q" {said}/><endEvent id="e"/>{flows("s", "c", "e")}'
    )
    world = World(bpmn(call).replace(b"</definitions>", called.encode() + b"</definitions>"))
    world.start(business_key="order-7", a=1)
    task = world.task("inside")
    assert (task.payload, task.business_key) == (seen, key)


def test_a_transaction_ends_behind_what_leaves_later() -> None:
    task = '<startEvent id="s"/><serviceTask id="t" flowable:expression="${1}" flowable:asyncLeave="true"/><userTask id="u"/><endEvent id="e"/>'
    world = World(bpmn(task + flows("s", "t", "u", "e")))
    world.start()
    assert world.keys() == []
    world.pass_time(seconds=1)
    assert world.keys() == ["u"]


def test_the_script_of_a_listener_says_its_language_either_way() -> None:
    script = '<activiti:script language="groovy">def local = "x"; execution.setVariable("heard", local) // yes</activiti:script>'
    task = f'<userTask id="t"><extensionElements><activiti:taskListener event="create" type="script">{script}</activiti:taskListener></extensionElements></userTask>'
    world = World(bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{flows("s", "t", "e")}'))
    world.start()
    assert world.variables() == {"heard": "x"}


@pytest.mark.parametrize("name", ["variableListenerEventDefinition", "eventType"])
def test_an_event_that_waits_for_what_is_not_run_says_so(name: str) -> None:
    start = (
        f'<startEvent id="ess"><extensionElements><flowable:{name} variableName="v"/></extensionElements></startEvent>'
    )
    inside = (
        f'<subProcess id="es" triggeredByEvent="true">{start}<endEvent id="ese"/>{flows("ess", "ese")}</subProcess>'
    )
    with pytest.raises(
        InvalidDefinition, match=f"startEvent 'ess': it waits for what its '{name}' says, which is not run"
    ):
        World(bpmn(f'<startEvent id="s"/><userTask id="t"/>{inside}{flows("s", "t")}'))


def test_a_listener_that_says_nothing_is_passed_over() -> None:
    heard = '<flowable:executionListener event="start"/><flowable:taskListener event="create"/>'
    task = f'<startEvent id="s"/><userTask id="t"><extensionElements>{heard}</extensionElements></userTask><endEvent id="e"/>'
    world = World()
    warnings = world.act(lambda engine: engine.deploy(bpmn(task + flows("s", "t", "e")))).warnings
    assert [(one.element, one.text) for one in warnings] == [
        ("t", f"its listener of {event!r} does not say what it does") for event in ("create", "start")
    ]
    world.start()
    assert world.keys() == ["t"]


@pytest.mark.parametrize(("said", "kept"), [("true", {"a": 1}), ("false", {})])
def test_a_script_stores_what_it_assigns_where_it_is_told_to(said: str, kept: dict[str, int]) -> None:
    script = f'<scriptTask id="t" scriptFormat="groovy" activiti:autoStoreVariables="{said}"><script>a = 1; def b = 2</script></scriptTask>'
    world = World(bpmn(f'<startEvent id="s"/>{script}<userTask id="u"/><endEvent id="e"/>{flows("s", "t", "u", "e")}'))
    world.start()
    assert world.variables() == kept
