"""Parameters, listeners, scripts and results: what elements do beside their own work."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.errors import InvalidDefinition
from engines.protocol import Services
from tests.engines.world import World, bpmn, flows


def io(inside: str) -> str:
    return f"<extensionElements><camunda:inputOutput>{inside}</camunda:inputOutput></extensionElements>"


def then(element: str) -> bytes:
    return bpmn(f'<startEvent id="s"/>{element}<userTask id="after"/><endEvent id="e"/>{flows("s", "x", "after", "e")}')


def test_inputs_are_seen_by_their_element_alone_and_outputs_by_what_follows() -> None:
    inside = (
        '<camunda:inputParameter name="shown">${name} of ${city}</camunda:inputParameter>'
        '<camunda:inputParameter name="all"><camunda:list><camunda:value>a</camunda:value><camunda:value>${1 + 1}</camunda:value></camunda:list></camunda:inputParameter>'
        '<camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">${name}</camunda:entry></camunda:map></camunda:inputParameter>'
        '<camunda:inputParameter name="made"><camunda:script scriptFormat="groovy">name.toUpperCase()</camunda:script></camunda:inputParameter>'
        '<camunda:outputParameter name="result">${answer * 2}</camunda:outputParameter>'
    )
    world = World(then(f'<userTask id="x">{io(inside)}</userTask>'))
    world.start(name="Ann", city="Bonn")
    assert world.task("x").payload == {
        "name": "Ann",
        "city": "Bonn",
        "shown": "Ann of Bonn",
        "all": ["a", 2],
        "map": {"k": "Ann"},
        "made": "ANN",
    }
    world.complete("x", answer=21)
    assert world.task("after").payload == {"name": "Ann", "city": "Bonn", "answer": 21, "result": 42}


def test_inputs_are_what_a_service_and_a_sub_process_see() -> None:
    seen: list[Any] = []
    service = f'<serviceTask id="x" camunda:class="note">{io("<camunda:inputParameter name=&quot;a&quot;>1</camunda:inputParameter>".replace("&quot;", chr(34)))}</serviceTask>'
    world = World(then(service), {"note": lambda variables: seen.append(variables["a"])})
    world.start()
    assert seen == ["1"]
    assert world.task("after").payload == {}
    inner = f'<startEvent id="is"/><userTask id="in"/><endEvent id="ie"/>{flows("is", "in", "ie")}'
    inside = '<camunda:inputParameter name="a">${b}</camunda:inputParameter><camunda:outputParameter name="c">${a}${b}</camunda:outputParameter>'
    world = World(then(f'<subProcess id="x">{io(inside)}{inner}</subProcess>'))
    world.start(b="B")
    assert world.task("in").payload == {"a": "B", "b": "B"}
    world.complete("in", a="A")
    assert world.task("after").payload == {"b": "B", "c": "AB"}


def test_listeners_run_where_they_stand() -> None:
    element = (
        '<userTask id="x"><extensionElements>'
        '<camunda:executionListener event="start" expression="${execution.setVariable(\'began\', execution.currentActivityId)}"/>'
        '<camunda:executionListener event="end"><camunda:script scriptFormat="javascript">execution.setVariable("ended", answer + 1)</camunda:script></camunda:executionListener>'
        '<camunda:taskListener event="create" expression="${task.setAssignee(who)}"/>'
        '<camunda:taskListener event="create" expression="${task.addCandidateGroup(\'clerks\')}"/>'
        '<camunda:taskListener event="create" expression="${task.setDueDate(dateTime().plusDays(1))}"/>'
        '<camunda:taskListener event="create" expression="${task.setPriority(77)}"/>'
        '<camunda:taskListener event="create" delegateExpression="${note}"/>'
        '<camunda:taskListener event="complete"><camunda:script scriptFormat="groovy">task.execution.setVariable("done", true)</camunda:script></camunda:taskListener>'
        "</extensionElements></userTask>"
    )
    told: list[int] = []
    world = World(then(element), {"note": lambda _: told.append(1)})
    world.start(who="ann")
    task = world.task("x")
    assert (task.assignee, task.candidate_groups, task.priority) == ("ann", ("clerks",), 77)
    assert task.due_date == "2026-11-23T10:00:00.000Z"
    assert told == [1]
    assert task.payload == {"who": "ann", "began": "x"}
    world.complete("x", answer=1)
    assert world.task("after").payload == {"who": "ann", "began": "x", "answer": 1, "done": True, "ended": 2}


def test_a_complete_listener_that_fails_does_not_hit_who_completes() -> None:
    element = '<userTask id="x"><extensionElements><camunda:taskListener event="complete" expression="${gone}"/></extensionElements></userTask>'
    world = World(then(element))
    world.start()
    world.complete("x", answer=1)
    assert world.words() == ["CompleteTask"]
    assert list(world.incidents()) == ["x"]
    world.act(lambda engine: engine.set_variables(world.instance, {"gone": 1}))
    world.retry()
    assert world.task("after").payload == {"answer": 1, "gone": 1}


@pytest.mark.parametrize(
    "beside",
    [
        '<camunda:executionListener event="start" expression="${execution.setVariable(\'b\', gone)}"/>',
        '<camunda:taskListener event="create" expression="${execution.setVariable(\'b\', gone)}"/>',
        '<camunda:inputOutput><camunda:inputParameter name="b">${gone}</camunda:inputParameter></camunda:inputOutput>',
    ],
)
def test_what_fails_before_a_task_is_made_is_done_when_it_is_mended(beside: str) -> None:
    noting = '<camunda:executionListener event="start" expression="${execution.setVariable(\'a\', 1)}"/>'
    world = World(then(f'<userTask id="x"><extensionElements>{noting}{beside}</extensionElements></userTask>'))
    world.start()
    assert list(world.incidents()) == ["x"]
    assert (world.keys(), world.variables()) == ([], {}), "nothing of it has happened"
    world.act(lambda engine: engine.set_variables(world.instance, {"gone": 1}))
    world.retry()
    assert world.task("x").payload == {"gone": 1, "a": 1, "b": 1}


def test_what_fails_before_a_wait_is_done_when_it_is_mended() -> None:
    beside = "".join(
        f'<camunda:executionListener event="start" expression="${{execution.setVariable(\'{name}\', {value})}}"/>'
        for name, value in (("a", "1"), ("b", "gone"))
    )
    wait = f'<receiveTask id="x"><extensionElements>{beside}</extensionElements></receiveTask>'
    world = World(then(wait))
    world.start()
    assert (list(world.incidents()), world.variables()) == (["x"], {})
    world.act(lambda engine: engine.set_variables(world.instance, {"gone": 1}))
    world.retry()
    world.act(lambda engine: engine.correlate("x"))
    assert world.task("after").payload == {"gone": 1, "a": 1, "b": 1}


@pytest.mark.parametrize(
    ("language", "script"),
    [
        ("groovy", 'x = 1 + 1\nexecution.setVariable("y", x * 2)'),
        ("javascript", 'var y = 4; execution.setVariable("y", y);'),
        ("python", "x = 2\ny = x * 2"),
        (None, "y = 2 * 2"),
    ],
)
def test_scripts_compute_and_set_variables(language: str | None, script: str) -> None:
    said = f'scriptFormat="{language}"' if language else ""
    world = World(then(f'<scriptTask id="x" {said}><script><![CDATA[{script}]]></script></scriptTask>'))
    world.start()
    assert (world.task("after").payload or {})["y"] == 4


def test_the_value_of_a_script_and_of_an_expression_is_kept_where_the_model_says() -> None:
    script = '<scriptTask id="x" scriptFormat="groovy" camunda:resultVariable="r"><script>1 + 1</script></scriptTask>'
    world = World(then(script))
    world.start()
    assert world.task("after").payload == {"r": 2}
    world = World(then('<serviceTask id="x" camunda:expression="${name.length()}" camunda:resultVariable="r"/>'))
    world.start(name="Ann")
    assert world.task("after").payload == {"name": "Ann", "r": 3}


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_what_several_give_is_one_list(sequential: str) -> None:
    several = (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopDataInputRef>people</loopDataInputRef><loopDataOutputRef>votes</loopDataOutputRef>'
        '<inputDataItem name="who"/><outputDataItem name="vote"/></multiInstanceLoopCharacteristics>'
    )
    world = World(then(f'<userTask id="x">{several}</userTask>'))
    world.start(people=["ann", "bob", "cat"])
    while world.keys() != ["after"]:
        task = world.open()[-1]
        world.complete_id(task.engine_task_id, vote=f"{(task.payload or {})['who']} votes")
    assert world.task("after").payload == {
        "people": ["ann", "bob", "cat"],
        "votes": ["ann votes", "bob votes", "cat votes"],
    }


def test_a_connector_is_a_service_with_parameters() -> None:
    connector = (
        '<extensionElements><camunda:connector><camunda:inputOutput><camunda:inputParameter name="url">http://${host}</camunda:inputParameter>'
        '<camunda:outputParameter name="status">${code}</camunda:outputParameter></camunda:inputOutput><camunda:connectorId>http</camunda:connectorId></camunda:connector></extensionElements>'
    )
    world = World(then(f'<serviceTask id="x">{connector}</serviceTask>'), {"http": lambda v: {"code": len(v["url"])}})
    world.start(host="h")
    assert world.task("after").payload == {"host": "h", "code": 8, "status": 8}


def test_conditions_are_read_in_the_language_they_are_in() -> None:
    def chosen(condition: str) -> list[str | None]:
        body = (
            '<startEvent id="s"/><exclusiveGateway id="g" default="n"/><userTask id="yes"/><userTask id="no"/><endEvent id="e"/>'
            f'<sequenceFlow id="y" sourceRef="g" targetRef="yes">{condition}</sequenceFlow><sequenceFlow id="n" sourceRef="g" targetRef="no"/>'
            + flows("s", "g")
            + flows("yes", "e")
            + flows("no", "e")
        )
        world = World(bpmn(body))
        world.start(amount=10, approved=False)
        assert world.incidents() == {}
        return world.keys()

    assert chosen("<conditionExpression>${amount &gt; 5}</conditionExpression>") == ["yes"]
    assert chosen("<conditionExpression>${approved == 'false'}</conditionExpression>") == ["yes"]
    assert chosen("<conditionExpression>=amount &gt; 5 and not(approved)</conditionExpression>") == ["yes"]
    assert chosen(
        '<conditionExpression language="javascript">amount &gt; 5 &amp;&amp; approved</conditionExpression>'
    ) == ["no"]
    assert chosen('<conditionExpression language="groovy">amount &gt; 5</conditionExpression>') == ["yes"]
    assert chosen(
        '<conditionExpression language="javascript">var half = amount / 2; if (half === 5) { true } else { false }</conditionExpression>'
    ) == ["yes"], "a script, whose value decides"
    assert chosen(
        '<conditionExpression language="groovy">def all = [1, 10]\nall.contains(amount)</conditionExpression>'
    ) == ["yes"]
    assert chosen('<conditionExpression language="python">not approved and amount == 10</conditionExpression>') == [
        "yes"
    ]
    assert chosen('<conditionExpression language="feel">amount between 1 and 20</conditionExpression>') == ["yes"]
    assert chosen('<conditionExpression language="juel">${amount == 10}</conditionExpression>') == ["yes"]
    assert chosen('<conditionExpression language="FEEL">= amount in [1..5]</conditionExpression>') == ["no"]


def test_a_script_that_decides_nothing_is_a_fault() -> None:
    body = (
        '<startEvent id="s"/><exclusiveGateway id="g" default="n"/><endEvent id="e"/>'
        '<sequenceFlow id="y" sourceRef="g" targetRef="e"><conditionExpression language="groovy">"perhaps"</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="n" sourceRef="g" targetRef="e"/>' + flows("s", "g")
    )
    world = World(bpmn(body))
    world.start()
    assert "true or false" in world.incidents()["g"]


def test_other_conditions_are_scripts_too() -> None:
    done = '<completionCondition language="groovy">def enough = 2\nnrOfCompletedInstances &gt;= enough</completionCondition>'
    several = f"<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>{done}</multiInstanceLoopCharacteristics>"
    world = World(then(f'<userTask id="x">{several}</userTask>'))
    world.start()
    world.complete("x")
    assert world.keys() == ["x", "x"]
    world.complete("x")
    assert world.keys() == ["after"]
    waits = '<conditionalEventDefinition><condition language="javascript">var least = 3; n &gt;= least</condition></conditionalEventDefinition>'
    world = World(then(f'<intermediateCatchEvent id="x">{waits}</intermediateCatchEvent>'))
    world.start(n=1)
    assert world.keys() == []
    world.act(lambda engine: engine.set_variables(world.instance, {"n": 3}))
    assert world.keys() == ["after"]
    for broken in ("def a = (", "function f() {}"):
        with pytest.raises(InvalidDefinition, match="cannot be read"):
            World(
                then(
                    f'<intermediateCatchEvent id="x">{waits.replace("var least = 3; n &gt;= least", broken)}</intermediateCatchEvent>'
                )
            )


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("execution.getVariableTyped('name').getValue()", "Ann"),
        ("execution.getVariableTyped('name', false).value.length()", 3),
        ("execution.getVariableTyped('name').getType().getName()", "string"),
        ("execution.getVariableTyped('n').type.name", "long"),
        ("execution.getVariableTyped('gone') == null", True),
        ("execution.getVariableLocalTyped('own').getValue()", "1"),
        ("execution.getVariableLocal('name') == null", True),
        ("execution.getVariablesLocal()", {"own": "1"}),
        ("execution.getVariableNamesLocal()", ["own"]),
        ("execution.hasVariableLocal('name')", False),
        ("execution.getVariableTyped('yes').type.name", "boolean"),
        ("execution.getVariables().size()", 4),
        ("execution.hasVariable('own')", True),
        ("execution.getCurrentActivityId()", "x"),
        ("execution.getCurrentActivityName()", "Do it"),
        ("execution.getBpmnModelElementInstance().getName()", "Do it"),
        ("execution.bpmnModelElementInstance.id", "x"),
        ("execution.getProcessBusinessKey()", "K-1"),
        ("execution.getParentActivityInstanceId() == execution.getProcessInstanceId()", True),
        ("execution.isCanceled()", False),
        ("execution.getEventName() == null", True),
    ],
)
def test_what_an_execution_can_be_asked(said: str, found: Any) -> None:
    own = io('<camunda:inputParameter name="own">1</camunda:inputParameter>').replace(
        "</ext", '<camunda:executionListener event="start" expression="${1}"/></ext'
    )
    asking = f'<serviceTask id="x" name="Do it" camunda:expression="${{{said}}}" camunda:resultVariable="found">{own}</serviceTask>'
    world = World()
    assert world.act(lambda engine: engine.deploy(then(asking))).warnings == []
    world.start(business_key="K-1", name="Ann", n=1, yes=True)
    assert world.variables()["found"] == found


def test_a_listener_knows_what_it_hears_of() -> None:
    say = "${execution.setVariable('heard', execution.getVariable('heard') + execution.eventName + ' ')}"
    task = (
        f'<userTask id="x"><extensionElements><camunda:executionListener event="start" expression="{say}"/>'
        "<camunda:taskListener event=\"create\" expression=\"${execution.setVariable('heard', execution.getVariable('heard') + task.getEventName() + ' ')}\"/>"
        "</extensionElements></userTask>"
    )
    taken = f'<sequenceFlow id="f" sourceRef="s" targetRef="x"><extensionElements><camunda:executionListener event="take" expression="{say}"/></extensionElements></sequenceFlow>'
    world = World(bpmn(f'<startEvent id="s"/>{task}<endEvent id="e"/>{taken}{flows("x", "e")}'))
    world.start(heard="")
    assert world.variables()["heard"] == "take start create "


def test_an_element_knows_the_sub_process_it_is_in() -> None:
    ask = '<serviceTask id="t" camunda:expression="${execution.parentActivityInstanceId}" camunda:resultVariable="found"/>'
    inner = f'<startEvent id="is"/>{ask}<endEvent id="ie"/>{flows("is", "t", "ie")}'
    outer = '<extensionElements><camunda:executionListener event="start" expression="${execution.setVariable(\'outer\', execution.activityInstanceId)}"/></extensionElements>'
    world = World(then(f'<subProcess id="x">{outer}{inner}</subProcess>'))
    world.start()
    assert world.variables()["found"] == world.variables()["outer"]


FIELDS = (
    '<camunda:field name="to"><camunda:string>${boss}</camunda:string></camunda:field>'
    '<camunda:field name="from" expression="${boss}"/><camunda:field name="about" stringValue="chairs"/>'
)


def test_fields_are_what_the_service_of_an_element_sees() -> None:
    seen: list[Any] = []
    task = f'<serviceTask id="x" camunda:class="mail"><extensionElements>{FIELDS}</extensionElements></serviceTask>'
    world = World(services={"mail": lambda variables: seen.append(dict(variables))})
    assert world.act(lambda engine: engine.deploy(then(task))).warnings == []
    world.start(boss="ann", about="tables")
    assert seen == [{"boss": "ann", "to": "${boss}", "from": "ann", "about": "chairs"}]
    assert world.task("after").payload == {"boss": "ann", "about": "tables"}


def test_fields_of_a_listener_are_seen_by_it_alone() -> None:
    seen: list[Any] = []
    heard = (
        f'<camunda:taskListener event="create" class="mail">{FIELDS}</camunda:taskListener>'
        '<camunda:taskListener event="create" class="mail"/>'
    )
    world = World(services={"mail": lambda variables: seen.append(dict(variables))})
    listening = then(f'<userTask id="x"><extensionElements>{heard}</extensionElements></userTask>')
    assert world.act(lambda engine: engine.deploy(listening)).warnings == []
    world.start(boss="ann")
    assert seen == [{"boss": "ann", "to": "${boss}", "from": "ann", "about": "chairs"}, {"boss": "ann"}]
    assert world.task("x").payload == {"boss": "ann"}


def test_a_field_that_cannot_be_read_is_refused() -> None:
    for where in ("{}", '<camunda:executionListener event="start" class="mail">{}</camunda:executionListener>'):
        field = where.replace("{}", '<camunda:field name="from" expression="${boss"/>')
        with pytest.raises(InvalidDefinition, match="the field 'from'"):
            World(
                then(
                    f'<serviceTask id="x" camunda:class="mail"><extensionElements>{field}</extensionElements></serviceTask>'
                )
            )


def test_a_job_sees_fields_too() -> None:
    world = World()
    world.services = Services(jobs=frozenset({"mail"}))
    task = f'<serviceTask id="x" camunda:class="mail"><extensionElements>{FIELDS}</extensionElements></serviceTask>'
    world.act(lambda engine: engine.deploy(then(task)))
    world.start(boss="ann")
    (job,) = world.memory.jobs
    found = world.act(lambda engine: engine.job_variables(world.instance, job))
    assert found == {"boss": "ann", "to": "${boss}", "from": "ann", "about": "chairs"}
    world.act(lambda engine: engine.finish_job(world.instance, job, {"done": 1}, {}))
    assert world.task("after").payload == {"boss": "ann", "done": 1}
    assert json.loads(world.memory.instances[world.instance].state)["local"] == {}


def test_a_field_without_its_variable_fails_only_where_a_service_is_called() -> None:
    task = f'<serviceTask id="x" camunda:class="mail"><extensionElements>{FIELDS}</extensionElements></serviceTask>'
    world = World(then(task), lenient=True)
    world.start()
    assert world.keys() == ["after"]
    world = World(then(task), {"mail": lambda _: None})
    world.start()
    assert "boss" in world.incidents()["x"]


def test_what_several_give_is_one_list_with_parameters_too() -> None:
    several = '<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality><loopDataOutputRef>votes</loopDataOutputRef><outputDataItem name="vote"/></multiInstanceLoopCharacteristics>'
    own = io('<camunda:inputParameter name="a">1</camunda:inputParameter>')
    world = World(then(f'<userTask id="x">{own}{several}</userTask>'))
    world.start()
    for vote in ("yes", "no"):
        world.complete("x", vote=vote)
    assert world.task("after").payload == {"votes": ["yes", "no"]}


@pytest.mark.parametrize(
    ("element", "ran"),
    [
        ('<userTask id="x" {}/>', "x"),
        ('<serviceTask id="x" camunda:expression="${1}" camunda:resultVariable="ran" {}/>', "ran"),
        ('<scriptTask id="x" scriptFormat="python" {}><script>ran = 1</script></scriptTask>', "ran"),
    ],
)
@pytest.mark.parametrize("name", ["_ACTIVITI_SKIP_EXPRESSION_ENABLED", "_FLOWABLE_SKIP_EXPRESSION_ENABLED"])
def test_a_task_is_skipped_where_that_is_allowed(element: str, ran: str, name: str) -> None:
    def is_done(**variables: Any) -> bool:
        world = World()
        source = then(element.replace("{}", 'flowable:skipExpression="${skip}"'))
        assert world.act(lambda engine: engine.deploy(source)).warnings == []
        world.start(**variables)
        return ran in (*world.keys(), *world.variables())

    assert not is_done(skip=True, **{name: True})
    assert is_done(skip=False, **{name: True})
    assert is_done(skip=True, **{name: "true"})
    assert is_done(skip=True)


def test_a_task_that_is_skipped_is_told_to_nobody_but_its_execution_listeners() -> None:
    heard = "${execution.setVariable('heard', execution.getVariable('heard') + execution.eventName + ' ')}"
    listeners = "".join(
        f'<camunda:{kind}Listener event="{event}" expression="{heard}"/>'
        for kind, event in (("execution", "start"), ("execution", "end"), ("task", "create"), ("task", "complete"))
    )
    task = f'<userTask id="x" camunda:skipExpression="${{true}}"><extensionElements>{listeners}</extensionElements></userTask>'
    world = World(then(task))
    world.start(heard="", _ACTIVITI_SKIP_EXPRESSION_ENABLED=True)
    assert world.variables()["heard"] == "start end "
    assert world.words() == ["StartInstance", "CreateTask"]


def test_what_has_begun_is_not_skipped_and_a_gateway_never_is() -> None:
    heard = '<camunda:taskListener event="complete" expression="${execution.setVariable(\'heard\', 1)}"/>'
    task = (
        f'<userTask id="x" camunda:skipExpression="${{true}}"><extensionElements>{heard}</extensionElements></userTask>'
    )
    world = World(then(task))
    world.start()
    world.complete("x", _ACTIVITI_SKIP_EXPRESSION_ENABLED=True)
    assert world.variables()["heard"] == 1
    body = (
        '<startEvent id="s"/><exclusiveGateway id="x" default="n" camunda:skipExpression="${true}"/><userTask id="a"/><userTask id="b"/><endEvent id="e"/>'
        '<sequenceFlow id="y" sourceRef="x" targetRef="a"><conditionExpression>${true}</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="n" sourceRef="x" targetRef="b"/>' + flows("s", "x") + flows("a", "e") + flows("b", "e")
    )
    world = World(bpmn(body))
    world.start(_ACTIVITI_SKIP_EXPRESSION_ENABLED=True)
    assert world.keys() == ["a"]


def test_potential_starters_are_candidate_starters() -> None:
    said = (
        "<extensionElements><camunda:potentialStarter><resourceAssignmentExpression>"
        "<formalExpression>clerks, group(bosses), user(ann)</formalExpression></resourceAssignmentExpression></camunda:potentialStarter></extensionElements>"
    )
    body = f'{said}<startEvent id="s"/><endEvent id="e"/>{flows("s", "e")}'
    world = World()
    deployed = world.act(lambda engine: engine.deploy(bpmn(body, attributes='camunda:candidateStarterUsers="bob"')))
    (made,) = deployed.definitions
    assert (made.candidate_starter_users, made.candidate_starter_groups) == (("ann", "bob"), ("bosses", "clerks"))
    assert deployed.warnings == []
