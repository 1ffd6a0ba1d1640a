"""Models of Camunda 8 and jBPM, read as if Camunda 7 had written them."""

# ruff: noqa: E501 - BPMN reads better on one line

from dataclasses import replace

import pytest
from lxml import etree

from domain.aggregates.task import AssignTask
from engines.spiff import dialects, vendor
from tests.engines.world import World

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" {more}>'
    '{definitions}<process id="p" isExecutable="true"><startEvent id="s"/>{element}<endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="x"/><sequenceFlow id="f2" sourceRef="x" targetRef="e"/>'
    "</process></definitions>"
)
DROOLS = 'xmlns:drools="http://www.jboss.org/drools"'


def model(element, definitions="", more=""):
    return HEAD.format(element=element, definitions=definitions, more=more)


def element(extensions="", tag="userTask", more="", inside=""):
    return f'<{tag} id="x" {more}><extensionElements>{extensions}</extensionElements>{inside}</{tag}>'


def read(source, name="x"):
    root = etree.fromstring(source)
    dialects.normalise(root)
    return root.find(f".//*[@id='{name}']")


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (
            '<zeebe:assignmentDefinition assignee="=who" candidateUsers="ann, bob" candidateGroups="=[a, b]"/>',
            {"assignee": "${who}", "candidateUsers": "ann, bob", "candidateGroups": "=[a, b]", "feel": "true"},
        ),
        (
            '<zeebe:taskSchedule dueDate="=order.due" followUpDate="2026-01-01T00:00:00Z"/>',
            {"dueDate": "${order.due}", "followUpDate": "2026-01-01T00:00:00Z"},
        ),
        ('<zeebe:priorityDefinition priority="70"/>', {"priority": "70"}),
        ('<zeebe:formDefinition formId="form-7"/>', {"formKey": "form-7", "formRef": "form-7"}),
        ('<zeebe:formDefinition externalReference="https://forms/7"/>', {"formKey": "https://forms/7"}),
        (
            '<zeebe:taskDefinition type="send-mail" retries="7"/>',
            {"type": "external", "topic": "send-mail", "retries": "7"},
        ),
        ('<zeebe:taskDefinition type="send-mail"/>', {"type": "external", "topic": "send-mail"}),
        (
            '<zeebe:calledDecision decisionId="dish" resultVariable="r"/>',
            {"decisionRef": "dish", "resultVariable": "r"},
        ),
        ('<zeebe:versionTag value="v7"/>', {"versionTag": "v7"}),
        ('<zeebe:assignmentDefinition assignee="=true"/>', {"assignee": "=true", "feel": "true"}),
        ('<zeebe:assignmentDefinition assignee="=&quot;ann&quot;"/>', {"assignee": "ann"}),
    ],
)
def test_zeebe_attributes(said, found):
    assert vendor.attributes(read(model(element(said)))) == found


def test_what_is_said_in_camundas_words_wins():
    said = element('<zeebe:formDefinition formKey="theirs"/>', more='camunda:formKey="ours"')
    assert vendor.attributes(read(model(said)))["formKey"] == "ours"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('variableNames="a" variableEvents="create"', {"variableName": "a", "variableEvents": "create"}),
        ('variableNames="a, b" variableEvents="create"', {}),
        ('variableEvents="create, update"', {}),
    ],
)
def test_zeebe_filters_what_a_condition_is_asked_after(said, found):
    inside = f'<conditionalEventDefinition id="c"><extensionElements><zeebe:conditionalFilter {said}/></extensionElements><condition>=a</condition></conditionalEventDefinition>'
    assert vendor.attributes(read(model(element(tag="intermediateCatchEvent", inside=inside)), "c")) == found


def test_a_zeebe_mapping_of_what_is_not_there_gives_null():
    mapping = '<zeebe:ioMapping><zeebe:input source="=order.id" target="id"/><zeebe:output source="=found" target="found"/></zeebe:ioMapping>'
    world = World(
        model(element(mapping))
        .encode()
        .replace(b'targetRef="e"', b'targetRef="y"')
        .replace(b"<endEvent", b'<userTask id="y"/><endEvent')
    )
    world.start()
    world.complete("x")
    assert (world.keys(), world.variables()["found"]) == (["y"], None)


def test_zeebe_call_activity():
    said = '<zeebe:calledElement processId="other" propagateAllChildVariables="false"/>'
    node = read(model(element(said, "callActivity")))
    assert node.get("calledElement") == "other"
    assert (vendor.mappings(node, "in"), vendor.mappings(node, "out")) == ([{"variables": "all"}], [])


def test_zeebe_script_mapping_loop_message_and_properties():
    said = (
        '<zeebe:script expression="=a + b" resultVariable="sum"/><zeebe:ioMapping><zeebe:input source="=order.id"'
        ' target="id"/><zeebe:output source="=sum" target="total"/></zeebe:ioMapping>'
        '<zeebe:properties><zeebe:property name="colour" value="red"/></zeebe:properties>'
    )
    loop = (
        '<multiInstanceLoopCharacteristics id="l"><extensionElements><zeebe:loopCharacteristics inputCollection="=items"'
        ' inputElement="item" outputCollection="results" outputElement="=item.total"/></extensionElements>'
        "</multiInstanceLoopCharacteristics>"
    )
    message = '<message id="m"><extensionElements><zeebe:subscription correlationKey="=order.id"/></extensionElements></message>'
    source = model(element(said, "scriptTask", inside=loop), message)
    node = read(source)
    assert (node.findtext("{*}script"), node.get("scriptFormat")) == ("=a + b", "feel")
    assert vendor.attributes(node)["resultVariable"] == "sum"
    assert vendor.input_output(node) == (
        [{"name": "id", "value": {"text": "=order.id"}}],
        [{"name": "total", "value": {"text": "=sum"}}],
    )
    assert vendor.camunda_properties(node) == {"colour": "red"}
    assert vendor.attributes(read(source, "l")) == {
        "collection": "${items}",
        "elementVariable": "item",
        "outputCollection": "results",
        "outputElement": "${item.total}",
    }
    assert vendor.attributes(read(source, "m")) == {"correlationKey": "${order.id}"}


def test_a_topic_of_an_event_stands_at_its_definition():
    said = element('<zeebe:taskDefinition type="mail"/>', "endEvent", inside="<messageEventDefinition/>")
    assert vendor.external(read(model(said))) == "mail"
    assert vendor.external(read(model(element()))) is None


def test_a_user_task_of_camunda_8_is_played():
    said = '<zeebe:assignmentDefinition assignee="=who" candidateGroups="=[&quot;a&quot;, team]"/>'
    world = World(model(element(said)).encode())
    world.start(who="ann", team="b")
    assert (world.open()[0].assignee, world.open()[0].candidate_groups) == ("ann", ("a", "b"))
    assert world.open()[0].warnings == ()


def test_a_user_task_of_jbpm_is_what_its_data_inputs_say():
    given = {
        "ActorId": "ann,#{second}",
        "GroupId": "HR",
        "Priority": "7",
        "TaskName": "apply",
        "Comment": "Look at it",
        "Skippable": "true",
    }
    inputs = "".join(f'<dataInput id="in_{name}" name="{name}"/>' for name in given)
    assigned = "".join(
        f"<dataInputAssociation><targetRef>in_{name}</targetRef><assignment><from>{text}</from><to>in_{name}</to>"
        "</assignment></dataInputAssociation>"
        for name, text in given.items()
    )
    owner = (
        "<potentialOwner><resourceAssignmentExpression><formalExpression>carol</formalExpression>"
        "</resourceAssignmentExpression></potentialOwner>"
    )
    inside = f'<ioSpecification>{inputs}<inputSet id="i"/><outputSet id="o"/></ioSpecification>{assigned}'
    world = World(model(element(inside=inside), more=DROOLS).encode())
    world.start(second="bob")
    task = world.open()[0]
    assert (task.assignee, task.candidate_users, task.candidate_groups) == (None, ("ann", "bob"), ("HR",))
    assert (task.priority, task.form_key, task.description) == (7, "apply", "Look at it")
    world = World(model(element(inside=owner), more=DROOLS).encode())
    world.start()
    assert (world.open()[0].candidate_users, world.open()[0].candidate_groups) == (("carol",), ())


def test_one_actor_of_jbpm_is_the_assignee_and_may_be_a_variable():
    inside = (
        '<ioSpecification><dataInput id="i1" name="ActorId"/><inputSet id="i"/><outputSet id="o"/></ioSpecification>'
        "<dataInputAssociation><sourceRef>boss</sourceRef><targetRef>i1</targetRef></dataInputAssociation>"
    )
    world = World(model(element(inside=inside), more=DROOLS).encode())
    world.start(boss="ann")
    assert world.open()[0].assignee == "ann"


def test_potential_owners_are_people_and_groups():
    owner = (
        "<potentialOwner><resourceAssignmentExpression><formalExpression>user(ann), group(${team}), sales, user(bob)"
        "</formalExpression></resourceAssignmentExpression></potentialOwner>"
    )
    node = read(model(element(inside=owner)))
    assert vendor.owners(node) == {"candidateUsers": "ann,bob", "candidateGroups": "${team},sales"}


@pytest.mark.parametrize("key", ["embedded:app:forms/x.html", "camunda-forms:deployment:x.form", "app:x.jsp"])
def test_a_form_key_stays_as_it_is(key):
    assert vendor.attributes(read(model(element(more=f'camunda:formKey="{key}"'))))["formKey"] == key


def test_a_form_that_is_referred_to_is_the_key():
    said = element(more='camunda:formRef="loan" camunda:formRefBinding="latest"')
    assert vendor.attributes(read(model(said)))["formKey"] == "loan"


LISTENERS = element(
    '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="began" retries="3"/>'
    '<zeebe:executionListener eventType="end" type="=&quot;ended&quot;"/></zeebe:executionListeners>'
    '<zeebe:taskListeners><zeebe:taskListener eventType="creating" type="made"/><zeebe:taskListener eventType="assigning" type="given"/>'
    '<zeebe:taskListener eventType="updating" type="changed"/><zeebe:taskListener eventType="completing" type="done"/>'
    '<zeebe:taskListener eventType="canceling" type="gone"/></zeebe:taskListeners>'
)
TYPES = ("began", "ended", "made", "given", "changed", "done", "gone")


def test_listeners_of_camunda_8_are_services():
    told = []
    services = {name: lambda _, name=name: told.append(name) for name in TYPES}
    world = World(services=services)
    assert world.act(lambda engine: engine.deploy(model(LISTENERS).encode(), strict=True)).warnings == []
    world.start()
    task = world.task("x")
    world.act(lambda engine: engine.change(world.instance, task, [AssignTask("ann")]))
    world.complete("x")
    assert told == ["began", "made", "changed", "given", "done", "ended"]
    world.start()
    world.act(lambda engine: engine.cancel(world.instance, None))
    assert told[6:] == ["began", "made", "ended", "gone"]


def test_listeners_of_camunda_8_that_are_jobs_are_warned_of():
    world = World()
    world.services = replace(world.services, jobs=frozenset({"began"}))
    told = world.act(lambda engine: engine.deploy(model(LISTENERS).encode())).warnings
    assert [one.element for one in told] == ["x"] * len(TYPES)
    texts = {one.text for one in told}
    assert "its listener 'began' is a job, which is not waited for" in texts
    assert "the service 'ended' is not registered" in texts
