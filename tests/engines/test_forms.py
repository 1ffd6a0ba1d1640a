"""Forms of Camunda that are files of their own: found by name, read as fields, judged at the engine."""

import json

import pytest

from domain.errors import InvalidDefinition, InvalidVariables
from domain.requests.forms import check_form
from engines.forms import read
from tests.engines.world import World, bpmn, flows, one_task

PARTS = [
    {"type": "text", "text": "# Dear guest"},
    {
        "type": "textfield",
        "key": "name",
        "label": "Name",
        "validate": {"required": True, "minLength": 2, "pattern": "[A-Z].*"},
    },
    {"type": "number", "key": "nights", "label": "Nights", "decimalDigits": 0, "validate": {"min": 1, "max": 14}},
    {"type": "number", "key": "price", "readonly": True},
    {"type": "checkbox", "key": "breakfast", "defaultValue": False},
    {"type": "datetime", "key": "arrival", "subtype": "date"},
    {"type": "select", "key": "room", "values": [{"label": "Single", "value": "s"}, {"label": "Double", "value": "d"}]},
    {"type": "checklist", "key": "extras", "values": [{"label": "Sauna", "value": "sauna"}]},
    {"type": "radio", "key": "tower", "valuesKey": "towers"},
    {"type": "textarea", "key": "why", "conditional": {"hide": "=nights < 5"}, "validate": {"required": True}},
    {"type": "group", "components": [{"type": "textfield", "key": "remark"}]},
    {"type": "group", "path": "address", "components": [{"type": "textfield", "key": "street"}]},
    {"type": "button", "action": "submit", "label": "Send"},
]


def form(key="booking", parts=PARTS, **more):
    return json.dumps({"id": key, "type": "default", "components": parts, **more}).encode()


def world(*sources):
    world = World()
    world.deployed = world.act(lambda engine: engine.deploy(*sources))
    return world


def fields(task):
    return {field["id"]: field for field in task.form_fields}


def test_the_fields_of_a_form_that_a_task_names_are_its_own():
    booked = world(one_task('<userTask id="t" camunda:formRef="booking"/>'), form())
    assert booked.deployed.forms == [("booking", 1)]
    assert booked.deployed.warnings == []
    booked.start()
    task = booked.task("t")
    assert (task.form_key, task.form_ref) == ("booking", {"key": "booking", "version": 1})
    found = fields(task)
    assert list(found) == [
        *("name", "nights", "price", "breakfast", "arrival", "room", "extras", "tower", "why", "remark"),
    ]
    assert {name: field["type"] for name, field in found.items()} == {
        "name": "string",
        "nights": "long",
        "price": "double",
        "breakfast": "boolean",
        "arrival": "date",
        "room": "enum",
        "extras": "list",
        "tower": "string",
        "why": "string",
        "remark": "string",
    }
    assert found["name"]["required"]
    assert found["name"]["constraints"] == {"minlength": 2, "pattern": "[A-Z].*", "anywhere": True}
    assert found["nights"]["constraints"] == {"min": 1, "max": 14}
    assert found["price"]["constraints"] == {"readonly": True}
    assert found["breakfast"]["default"] is False
    assert found["room"]["values"] == [{"id": "s", "name": "Single"}, {"id": "d", "name": "Double"}]
    assert not found["why"]["required"], "it may be hidden"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "Ann", "nights": 2, "room": "s", "extras": ["sauna"], "breakfast": True}, None),
        ({"nights": 2}, "is required"),
        ({"name": "O'Ann", "extras": []}, None),
        ({"name": "de Ann"}, None),
        ({"name": "ann"}, "does not have the form that is asked for"),
        ({"name": "Ann", "nights": 15}, "must be at most 14"),
        ({"name": "Ann", "nights": 1.5}, "must be a whole number"),
        ({"name": "Ann", "room": "x"}, "must be one of s, d"),
        ({"name": "Ann", "extras": ["pool"]}, "may have sauna"),
        ({"name": "Ann", "extras": "sauna"}, "must be a list"),
        ({"name": "Ann", "price": 3}, "cannot be changed"),
    ],
)
def test_what_a_form_says_is_judged(given, message):
    described = read(form()).fields
    if message is None:
        check_form(described, given, dict)
        return
    with pytest.raises(InvalidVariables, match=message):
        check_form(described, given, dict)


def test_a_task_asks_with_the_newest_form_or_the_version_it_names():
    newest = '<userTask id="t" camunda:formRef="f" camunda:formRefBinding="latest"/>'
    first = '<userTask id="u" camunda:formRef="f" camunda:formRefBinding="version" camunda:formRefVersion="1"/>'
    tagged = (
        '<userTask id="v" camunda:formRef="f" camunda:formRefBinding="versionTag" camunda:formRefVersionTag="old"/>'
    )
    chain = f'<startEvent id="s"/>{newest}{first}{tagged}' + flows("s", "t", "u", "v")
    forms = world(bpmn(chain), form("f", [{"type": "textfield", "key": "one"}], versionTag="old"))
    forms.start()
    assert list(fields(forms.task("t"))) == ["one"]
    assert forms.act(lambda engine: engine.deploy(form("f", [{"type": "textfield", "key": "two"}]))).forms == [("f", 2)]
    forms.complete("t")
    assert list(fields(forms.task("u"))) == ["one"]
    forms.complete("u")
    assert list(fields(forms.task("v"))) == ["one"]
    forms.start()
    assert list(fields(forms.task("t"))) == ["two"]


@pytest.mark.parametrize("named", ['camunda:formRef="gone"', 'camunda:formKey="camunda-forms:app:forms/gone.form"'])
def test_a_form_that_is_not_there_is_told_at_deployment_and_on_the_task(named):
    lost = world(one_task(f'<userTask id="t" {named}/>'))
    assert [(one.element, one.text) for one in lost.deployed.warnings] == [("t", "the form 'gone' is not deployed")]
    lost.start()
    assert [one["attribute"] for one in lost.task("t").warnings] == ["formRef"]
    assert lost.task("t").form_fields == ()


def test_a_form_is_found_by_an_expression_or_by_its_file():
    by_expression = one_task('<userTask id="t" camunda:formRef="${which}"/>')
    found = world(by_expression, form())
    found.start(which="booking")
    assert "nights" in fields(found.task("t"))
    by_file = one_task('<userTask id="t" camunda:formKey="camunda-forms:deployment:booking.form"/>')
    assert world(by_file, form()).deployed.warnings == []


def test_a_process_that_is_started_with_a_form_asks_what_it_asks():
    body = '<startEvent id="s" camunda:formRef="booking"/><userTask id="t"/>' + flows("s", "t")
    (definition,) = world(bpmn(body), form()).deployed.definitions
    assert [field["id"] for field in definition.form_fields][:2] == ["name", "nights"]


def test_a_form_of_camunda_8_is_named_or_stands_in_the_process():
    zeebe = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    here = json.dumps({"components": [{"type": "number", "key": "amount"}], "schemaVersion": 4})
    body = (
        f'<extensionElements {zeebe}><zeebe:userTaskForm id="inside">{here}</zeebe:userTaskForm></extensionElements>'
        f'<startEvent id="s"/><userTask id="t"><extensionElements {zeebe}><zeebe:formDefinition formId="booking"/>'
        f'</extensionElements></userTask><userTask id="u"><extensionElements {zeebe}>'
        '<zeebe:formDefinition formKey="camunda-forms:bpmn:inside"/></extensionElements></userTask>'
        + flows("s", "t", "u")
    )
    both = world(bpmn(body), form())
    assert both.deployed.warnings == []
    both.start()
    assert "nights" in fields(both.task("t"))
    both.complete("t")
    assert list(fields(both.task("u"))) == ["amount"]


def nested(depth):
    parts = [{"type": "textfield", "key": "x"}]
    for _ in range(depth):
        parts = [{"type": "group", "components": parts}]
    return parts


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b'{"id": "f", ', "no JSON"),
        (b'{"components": []}', "no id"),
        (b'{"id": "f"}', "no components"),
        (form(parts=[1]), "is no object"),
        (form(parts=nested(30)), "nested"),
        (b'{"id": "f", "components": ' + b"[" * 100_000, "no JSON"),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(source, message):
    with pytest.raises(InvalidDefinition, match=message):
        world(source)


@pytest.mark.parametrize(
    "odd", [{"values": 3}, {"validate": []}, {"validate": {"pattern": "("}}, {"label": {}}, {"key": "a.b"}]
)
def test_what_is_odd_in_a_form_harms_nobody(odd):
    strange = world(
        one_task('<userTask id="t" camunda:formRef="booking"/>'), form(parts=[{"type": "select", "key": "k", **odd}])
    )
    strange.start()
    assert strange.keys() == ["t"]
