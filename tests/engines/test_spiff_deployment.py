"""Deploying: what a definition says, what is rewritten, what is refused with reason and line."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import json

import pytest

from domain.aggregates.process_definition import RegisterDefinition
from domain.aggregates.process_instance import StartInstance
from domain.errors import InvalidDefinition, NotFound
from tests.engines.world import HEAD, World, bpmn, flows, one_task

SIMPLE = f'<startEvent id="s"/><userTask id="t"/><endEvent id="e"/>{flows("s", "t", "e")}'


def test_a_definition_says_who_may_start_it_and_with_which_form() -> None:
    form = '<extensionElements><camunda:formData><camunda:formField id="amount" label="Amount" type="long"/></camunda:formData></extensionElements>'
    body = f"<documentation>Why</documentation>{SIMPLE}".replace(
        '<startEvent id="s"/>', f'<startEvent id="s" camunda:formKey="f">{form}</startEvent>'
    )
    attributes = 'name="Name" camunda:versionTag="v2" camunda:candidateStarterUsers="b, a" camunda:candidateStarterGroups="g" camunda:isStartableInTasklist="false"'
    found = World(bpmn(body, attributes=attributes)).definitions[0]
    assert (found.key, found.version, found.name, found.description, found.version_tag) == ("p", 1, "Name", "Why", "v2")
    assert (found.candidate_starter_users, found.candidate_starter_groups, found.startable) == (
        ("a", "b"),
        ("g",),
        False,
    )
    assert found.form_key == "f"
    assert found.form_fields[0]["id"] == "amount"


def test_a_process_is_of_the_first_tenant_that_is_said() -> None:
    world, source = World(), bpmn(SIMPLE)

    def deployed(tenant: str | None) -> str | None:
        return world.act(lambda engine: engine.deploy(source, tenant=tenant)).definitions[0].tenant_id

    assert [deployed(tenant) for tenant in (" ", " north ", "north", None)] == [None, "north", "north", "north"]
    assert [said.definition.tenant_id for _, said in world.said] == [None, "north", "north", "north"]
    with pytest.raises(InvalidDefinition, match="another tenant"):
        deployed("south")
    assert world.memory.latest("p").version == 4


def test_an_instance_is_of_the_tenant_of_its_process_or_else_of_its_start() -> None:
    task = one_task('<userTask id="t" name="${execution.tenantId} ${task.tenantId}"/>')
    world = World(task)

    def started(tenant: str | None) -> set[str | None]:
        world.said.clear()
        world.act(lambda engine: engine.start("p", {}, tenant=tenant))
        (begun,) = (said.instance for _, said in world.said if isinstance(said, StartInstance))
        assert world.task("t").name == f"{begun.tenant_id or ''} {begun.tenant_id or ''}"
        return {begun.tenant_id, world.task("t").tenant_id}

    assert [started(None), started("south")] == [{None}, {"south"}]
    world.act(lambda engine: engine.deploy(task, tenant="north"))
    assert [started(None), started("north")] == [{"north"}, {"north"}]
    with pytest.raises(NotFound):
        started("south")


def test_versions_count_and_new_instances_take_the_newest() -> None:
    world = World(one_task('<userTask id="t" name="old"/>'))
    world.start()
    second = world.act(lambda engine: engine.deploy(one_task('<userTask id="t" name="new"/>'))).definitions[0]
    assert second.version == 2
    assert second.definition_id.startswith("p:2:")
    assert isinstance(world.said[-1][1], RegisterDefinition)
    old = world.instance
    world.start()
    assert sorted(str(task.name) for task in world.open()) == ["new", "old"]
    world.instance = old
    world.complete_id(next(task.engine_task_id for task in world.open() if task.name == "old"))
    assert world.ends() == ["FINISHED"]


def test_every_executable_process_of_a_file_is_deployed() -> None:
    def process(name: str, more: str = "") -> str:
        body = SIMPLE
        for old in ("s", "t", "e"):
            body = body.replace(f'"{old}', f'"{name}{old}')
        return f'<process id="{name}" {more}>{body}</process>'

    pool = '<collaboration id="c"><participant id="x"/><participant id="y" processRef="a"/></collaboration>'
    empty = '<process id="empty"/>'
    off = process("d", 'isExecutable="false"')
    source = f"{HEAD}{pool}{process('a')}{process('b')}{off}{empty}</definitions>"
    world = World(source.encode())
    assert [definition.key for definition in world.definitions] == ["a", "b"]


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        (b"", "XML", 1),
        (b"no xml", "XML", 1),
        (b"<a>\n<b></a>", "XML", 2),
        (b"<a/>", "not BPMN", 1),
        (b"\x00\xff", "XML", 1),
        (f"{HEAD}</definitions>".encode(), "no executable process", 1),
        (
            f'{HEAD}\n<process id="p" isExecutable="false">{SIMPLE}</process></definitions>'.encode(),
            "no executable process with a start event in this file: 'p' says isExecutable=\"false\"",
            1,
        ),
        (f'{HEAD}\n<process id="p"><userTask id="t"/></process></definitions>'.encode(), "'p' has no start event", 1),
        (f"{HEAD}\n<process>{SIMPLE}</process></definitions>".encode(), "no id", 2),
        (f'{HEAD}\n<process id="p">\n{SIMPLE}\n<task id="t"/></process></definitions>'.encode(), "used twice", 4),
        (bpmn('<startEvent id="s"/>\n<complexGateway id="c"/>' + flows("s", "c")), "complexGateway", 2),
        (bpmn('<startEvent id="s"/>\n<adHocSubProcess id="c"/>' + flows("s", "c")), "adHocSubProcess", 2),
        (bpmn('<startEvent id="s"/>\n<subProcess id="c"/>' + flows("s", "c")), "start event", 2),
        (bpmn('<startEvent id="s"/>\n<callActivity id="c"/>' + flows("s", "c")), "calledElement", 2),
        (
            bpmn('<startEvent id="s"/>\n<task id="c"/><sequenceFlow id="f" sourceRef="s" targetRef="gone"/>'),
            "gone",
            None,
        ),
        (
            one_task(
                '\n<userTask id="t" camunda:assignee="ann"><humanPerformer><resourceAssignmentExpression>'
                "<formalExpression>bob</formalExpression></resourceAssignmentExpression></humanPerformer></userTask>"
            ),
            "assignee is said more than once",
            2,
        ),
        (
            bpmn('<startEvent id="s"/>\n<callActivity id="c" camunda:caseRef="K"/>' + flows("s", "c")),
            "calls the case 'K'",
            2,
        ),
        (
            bpmn(
                '<startEvent id="s"/>\n<task id="c"><multiInstanceLoopCharacteristics camunda:collection="${a b}"/></task>'
                + flows("s", "c")
            ),
            "the collection .* cannot be read",
            2,
        ),
        (
            bpmn(
                '<startEvent id="s"/>\n<task id="c"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
                "<completionCondition>${a b}</completionCondition></multiInstanceLoopCharacteristics></task>"
                + flows("s", "c")
            ),
            "the condition .* cannot be read",
            2,
        ),
        (
            bpmn(
                '<startEvent id="s"/>\n<intermediateCatchEvent id="c"><conditionalEventDefinition><condition/>'
                "</conditionalEventDefinition></intermediateCatchEvent>" + flows("s", "c")
            ),
            "its condition is empty",
            2,
        ),
        (
            bpmn(
                '<startEvent id="s"/>\n<task id="c"><extensionElements><camunda:executionListener event="start">'
                '<camunda:script scriptFormat="javascript" resource="a.js"/></camunda:executionListener></extensionElements></task>'
                + flows("s", "c")
            ),
            "'a.js', and scripts outside",
            2,
        ),
        (
            bpmn(
                '<startEvent id="s"/>\n<task id="c"><extensionElements><camunda:connector><camunda:inputOutput>'
                '<camunda:outputParameter name="x"><camunda:script scriptFormat="javascript" resource="a.js"/>'
                "</camunda:outputParameter></camunda:inputOutput></camunda:connector></extensionElements></task>"
                + flows("s", "c")
            ),
            "the script of 'x' is 'a.js'",
            2,
        ),
        (b'<!DOCTYPE a [<!ENTITY x "y">]>\n' + bpmn("<documentation>&x;</documentation>"), "document type", 1),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd">\n' + bpmn(SIMPLE), "document type", 1),
        (b" " * 5_000_001, "larger than 5 MB", None),
    ],
)
def test_refused_with_reason_and_line(source: bytes, reason: str, line: int | None) -> None:
    world = World()
    with pytest.raises(InvalidDefinition, match=reason) as refusal:
        world.act(lambda engine: engine.deploy(source))
    if line is not None:
        assert refusal.value.facts["line"] == line
    assert (world.said, world.memory.definitions) == ([], {})


def test_entities_do_not_explode_and_files_are_not_read() -> None:
    bomb = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(12))
    for doctype in (
        f'<!DOCTYPE d [<!ENTITY a0 "x">{bomb}]>',
        '<!DOCTYPE d [<!ENTITY a12 SYSTEM "file:///etc/passwd">]>',
    ):
        with pytest.raises(InvalidDefinition):
            World(
                f'{doctype}{HEAD}<process id="p"><documentation>&a12;</documentation>{SIMPLE}</process></definitions>'.encode()
            )


def test_very_deep_and_very_long_files_are_refused_or_run() -> None:
    deep = bpmn("<documentation>" * 300 + "</documentation>" * 300)
    with pytest.raises(InvalidDefinition):
        World(deep)
    names = [f"x{n}" for n in range(700)]
    source = bpmn('<startEvent id="s"/>' + "".join(f'<task id="{name}"/>' for name in names) + flows("s", *names))
    world = World(source)
    world.start()
    assert world.ends() == ["FINISHED"]


def test_what_execution_does_not_need_is_dropped() -> None:
    body = (
        '<ioSpecification id="io"><dataInput id="i"/></ioSpecification><dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>'
        '<dataStoreReference id="sr" dataStoreRef="store"/><property id="pr"/><startEvent id="s"/>'
        '<userTask id="t"><dataInputAssociation id="da"><sourceRef>sr</sourceRef><targetRef>t</targetRef></dataInputAssociation></userTask>'
        '<businessRuleTask id="r" camunda:decisionRef="rules"/><sendTask id="m" camunda:class="Mail"/><endEvent id="e"/>'
    )
    source = bpmn(body + flows("s", "t", "r", "m", "e")).replace(
        b"<process", b'<dataStore id="store" name="Store"/><process'
    )
    called: list[str] = []

    def service(name: str) -> object:
        return lambda _variables: called.append(name)

    world = World(source, {"rules": service("rules"), "Mail": service("Mail")})
    world.start()
    world.complete("t")
    assert called == ["rules", "Mail"]


def test_gateways_without_conditions_take_the_first_flow() -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/>'
        + flows("s", "g", "a")
        + flows("g", "b")
    )
    world = World(bpmn(body))
    world.start()
    assert world.keys() == ["a"]


def test_flows_that_are_never_taken_are_told() -> None:
    ways = "".join(f'<sequenceFlow id="f{x}" sourceRef="g" targetRef="{x}"/><userTask id="{x}"/>' for x in "abc")
    source = bpmn(f'<startEvent id="s"/><exclusiveGateway id="g"/>{flows("s", "g")}{ways}')
    warned = World().act(lambda engine: engine.deploy(source)).warnings
    assert [(one.element, one.text) for one in warned] == [
        (name, "it is never taken: it has no condition and is not the default") for name in ("fb", "fc")
    ]
    by_default = source.replace(b'id="g"', b'id="g" default="fc"')
    warned = World().act(lambda engine: engine.deploy(by_default)).warnings
    assert [one.element for one in warned] == ["fa", "fb"]


@pytest.mark.parametrize(
    "event",
    [
        '<boundaryEvent id="b" attachedToRef="t"><signalEventDefinition signalRef="go"/></boundaryEvent>',
        '<intermediateThrowEvent id="b"/>',
    ],
)
def test_events_may_have_several_ways_out(event: str) -> None:
    ways = flows("b", "x") + flows("b", "y") + ("" if "boundary" in event else flows("t", "b"))
    body = f'<startEvent id="s"/><userTask id="t"/>{event}<userTask id="x"/><userTask id="y"/>{flows("s", "t")}{ways}'
    world = World(bpmn(body).replace(b"<process", b'<signal id="go" name="go"/><process'))
    world.start()
    if "boundary" in event:
        world.act(lambda engine: engine.signal("go", {}))
    else:
        world.complete("t")
    assert world.keys() == ["x", "y"]


def test_paths_may_end_without_an_end_event() -> None:
    inner = f'<subProcess id="sub"><startEvent id="is"/><userTask id="a"/>{flows("is", "a")}</subProcess>'
    world = World(bpmn(f'<startEvent id="s"/>{inner}<userTask id="b"/>{flows("s", "sub", "b")}'))
    world.start()
    world.complete("a")
    world.complete("b")
    assert world.ends() == ["FINISHED"]


def test_flows_and_events_need_no_id() -> None:
    body = '<startEvent id="s"/><userTask id="t"/><endEvent/><sequenceFlow sourceRef="s" targetRef="t"/>'
    world = World(bpmn(body))
    world.start()
    world.complete("t")
    assert world.ends() == ["FINISHED"]


def test_whoever_starts_by_name_does_not_wait_for_the_start_message() -> None:
    message = '<startEvent id="s"><messageEventDefinition/></startEvent>'
    world = World(bpmn(SIMPLE.replace('<startEvent id="s"/>', message)))
    world.start()
    assert world.keys() == ["t"]


def test_the_source_and_the_compiled_form_are_kept() -> None:
    source = one_task('<userTask id="t"/>')
    stored = next(iter(World(source).memory.definitions.values()))
    assert stored.source == source
    assert json.loads(stored.compiled)["spec"]["name"] == "p"


def test_events_that_wait_say_for_what() -> None:
    catch = f'<startEvent id="s"/><intermediateCatchEvent id="x"/><endEvent id="e"/>{flows("s", "x", "e")}'
    boundary = f'{SIMPLE}<boundaryEvent id="x" attachedToRef="t"/>'
    beside = f'{SIMPLE}<subProcess id="es" triggeredByEvent="true"><startEvent id="x"/></subProcess>'
    for body in (catch, boundary, beside):
        with pytest.raises(InvalidDefinition, match=r"Event 'x': it does not say what it waits for") as refusal:
            World(bpmn(body))
        assert refusal.value.facts["line"]


def test_events_are_about_what_such_events_can_be_about() -> None:
    thrown = '<intermediateThrowEvent id="x"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateThrowEvent>'
    with pytest.raises(InvalidDefinition, match="intermediateThrowEvent 'x': such an event cannot be one of timer"):
        World(bpmn(f'<startEvent id="s"/>{thrown}<endEvent id="e"/>{flows("s", "x", "e")}'))


def test_scripts_before_and_behind_a_task_are_warned_of() -> None:
    said = '<s:preScript xmlns:s="http://spiffworkflow.org/bpmn/schema/1.0/core">x = 1</s:preScript>'
    source = one_task(f'<userTask id="t"><extensionElements>{said}</extensionElements></userTask>')
    [warned] = World().act(lambda engine: engine.deploy(source)).warnings
    assert (warned.element, warned.text) == ("t", "'preScript' is not run")


@pytest.mark.parametrize("event", ['event="take"', ""])
def test_a_listener_of_a_flow_behind_an_event_gateway_is_warned_of(event: str) -> None:
    hour = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    caught = "".join(f'<intermediateCatchEvent id="{name}">{hour}</intermediateCatchEvent>' for name in "ab")
    listener = f'<extensionElements><camunda:executionListener {event} expression="${{true}}"/></extensionElements>'
    flow = f'<sequenceFlow id="f" sourceRef="g" targetRef="a">{listener}</sequenceFlow>'
    body = f'<startEvent id="s"/><eventBasedGateway id="g"/>{caught}<endEvent id="e"/>{flow}'
    source = bpmn(body + flows("s", "g", "b", "e") + flows("a", "e"))
    [warned] = World().act(lambda engine: engine.deploy(source)).warnings
    assert (warned.element, warned.text) == ("f", "its listener of 'take' is not run")
