"""Forms that are JSON Schemas: looked at when they are deployed, told as fields, judged whole."""

import inspect
import json
import sys
import tracemalloc
from time import perf_counter

import pytest

from domain.errors import InvalidDefinition, InvalidVariables
from domain.requests.forms import check_form
from engines.forms import problems, read
from engines.protocol import FormFile
from engines.schemas import judge
from tests.engines.world import World, bpmn, flows, one_task

NEWEST = "https://json-schema.org/draft/2020-12/schema"
SEVENTH = "http://json-schema.org/draft-07/schema#"
STAY = {
    "$schema": NEWEST,
    "$id": "https://example.com/stay.schema.json",
    "type": "object",
    "required": ["guest", "beds", "extras"],
    "properties": {
        "guest": {"type": "string", "title": "Guest", "description": "Who comes", "minLength": 2, "pattern": "^[A-Z]"},
        "beds": {"type": "integer", "minimum": 1, "maximum": 4},
        "price": {"type": "number", "readOnly": True, "default": 80},
        "fee": {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0, "exclusiveMaximum": 100},
        "pet": {"type": "boolean"},
        "arrival": {"type": "string", "format": "date"},
        "call": {"type": "string", "format": "date-time"},
        "mail": {"type": "string", "format": "email"},
        "room": {"oneOf": [{"const": "s", "title": "Single"}, {"const": "d", "title": "Double"}]},
        "floor": {"enum": [1, 2]},
        "extras": {"type": "array", "items": {"enum": ["sauna", "pool"]}, "uniqueItems": True},
        "note": {"type": ["string", "null"]},
        "address": {"$ref": "#/$defs/address"},
        "guests": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        },
        "pays": {
            "oneOf": [
                {"properties": {"by": {"const": "card"}, "number": {"type": "string"}}, "required": ["by", "number"]},
                {"properties": {"by": {"const": "bill"}, "to": {"type": "string"}}, "required": ["by", "to"]},
            ]
        },
    },
    "dependentRequired": {"pet": ["note"]},
    "if": {"properties": {"beds": {"const": 4}}, "required": ["beds"]},
    "then": {"required": ["mail"]},
    "additionalProperties": False,
    "$defs": {
        "address": {
            "type": "object",
            "properties": {"street": {"type": "string"}, "zip": {"type": "string", "maxLength": 5}, "old": False},
            "additionalProperties": {"type": "string"},
        }
    },
}
RIGHT = {"guest": "Ann", "beds": 2, "extras": []}


def schema(**said):
    return json.dumps({"$id": "f", "properties": {"a": {}}, **said}).encode()


def asking(**properties):
    return schema(properties=properties)


def world(*sources):
    world = World()
    world.deployed = world.act(lambda engine: engine.deploy(*sources))
    return world


def wrong(said, variables):
    form = FormFile(1, json.dumps(said).encode())
    found = problems(lambda _key, _version: form, {"key": "f", "version": 1}, variables)
    return {one.field: one.message for one in found}


def test_a_schema_is_deployed_as_a_form_and_its_properties_are_fields():
    asked = world(one_task('<userTask id="t" camunda:formRef="stay"/>'), json.dumps(STAY).encode())
    assert asked.deployed.forms == [("stay", 1)]
    assert asked.deployed.warnings == []
    asked.start()
    task = asked.task("t")
    assert task.form_ref == {"key": "stay", "version": 1}
    found = {field["id"]: field for field in task.form_fields}
    assert {name: field["type"] for name, field in found.items()} == {
        "guest": "string",
        "beds": "long",
        "price": "double",
        "fee": "double",
        "pet": "boolean",
        "arrival": "date",
        "call": "string",
        "mail": "string",
        "room": "enum",
        "floor": "json",
        "extras": "list",
        "note": "string",
        "address": "json",
        "guests": "json",
        "pays": "json",
    }
    assert found["guest"] == {
        "id": "guest",
        "label": "Guest",
        "type": "string",
        "default": None,
        "required": True,
        "values": [],
        "constraints": {"minlength": 2, "pattern": "^[A-Z]", "anywhere": True},
        "description": "Who comes",
    }
    assert found["beds"]["constraints"] == {"min": 1, "max": 4}
    assert (found["price"]["constraints"], found["price"]["default"]) == ({"readonly": True}, 80)
    assert found["room"]["values"] == [{"id": "s", "name": "Single"}, {"id": "d", "name": "Double"}]
    assert [one["id"] for one in found["extras"]["values"]] == ["sauna", "pool"]
    assert [name for name, field in found.items() if field["required"]] == ["guest", "beds"], "none may be chosen"


def test_a_process_is_started_with_a_schema():
    body = '<startEvent id="s" camunda:formRef="stay"/><userTask id="t"/>' + flows("s", "t")
    (definition,) = world(bpmn(body), json.dumps(STAY).encode()).deployed.definitions
    assert definition.form_ref == {"key": "stay", "version": 1}
    assert [field["id"] for field in definition.form_fields][:2] == ["guest", "beds"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("stay", "stay"),
        ("stay.json", "stay"),
        ("https://example.com/forms/stay.schema.json", "stay"),
        ("urn:stay#", "urn:stay"),
    ],
)
def test_a_schema_is_named_by_the_end_of_its_id(name, key):
    assert read(schema(**{"$id": name})).key == key


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, {}),
        (
            {
                "fee": 19.99,
                "pet": True,
                "note": None,
                "arrival": "2026-12-24",
                "call": "2026-12-24T10:00:00+01:00",
                "mail": "ann@example.com",
                "room": "d",
                "floor": 2,
                "extras": ["pool"],
                "address": {"street": "High", "zip": "12345", "more": "x"},
                "guests": [{"name": "Cem", "age": 3}],
                "pays": {"by": "bill", "to": "me"},
            },
            {},
        ),
        ({"guest": None}, {"guest": "is required"}),
        ({"beds": True}, {"beds": "must be a whole number"}),
        ({"beds": 9}, {"beds": "must be at most 4"}),
        ({"beds": 4}, {"mail": "is required"}),
        ({"guest": "A"}, {"guest": "must have at least 2 characters"}),
        ({"guest": "ann"}, {"guest": "does not have the form that is asked for"}),
        ({"guest": "A" * 201}, {"guest": "must have at most 200 characters"}),
        ({"price": "much"}, {}),
        ({"fee": 0}, {"fee": "must be more than 0"}),
        ({"fee": 100}, {"fee": "must be less than 100"}),
        ({"fee": 0.001}, {"fee": "must be a multiple of 0.01"}),
        ({"pet": None}, {}),
        ({"pet": True}, {"note": "is required"}),
        ({"arrival": "2026-02-30"}, {"arrival": "must be an ISO-8601 date"}),
        ({"call": "2026-12-24T10:00:00"}, {"call": "is no valid date-time"}),
        ({"mail": "ann"}, {"mail": "is no valid email"}),
        ({"room": "x"}, {"room": "does not fit what is asked for"}),
        ({"floor": 3}, {"floor": "must be one of 1, 2"}),
        ({"extras": ["pool", "pool"]}, {"extras": "must not have the same entry twice"}),
        ({"extras": ["bar"]}, {"extras.0": "must be one of sauna, pool"}),
        ({"extras": "pool"}, {"extras": "must be a list"}),
        ({"address": {"zip": "123456"}}, {"address.zip": "must have at most 5 characters"}),
        ({"address": {"old": 1}}, {"address.old": "is not asked for"}),
        ({"address": {"more": 1}}, {"address.more": "must be text"}),
        ({"guests": []}, {"guests": "must have at least 1 entries"}),
        ({"guests": [{}, {"name": 1}]}, {"guests.0.name": "is required", "guests.1.name": "must be text"}),
        ({"guests": [{"name": "x"}] * 3}, {"guests": "must have at most 2 entries"}),
        ({"pays": {"by": "bill"}}, {"pays.to": "is required"}),
        ({"pays": 1}, {"pays": "does not fit what is asked for"}),
        ({"other": 1}, {"other": "is not asked for"}),
        ({"other": None}, {"other": "is not asked for"}),
    ],
)
def test_variables_are_judged_whole_and_what_is_wrong_is_said_where_it_is(more, said):
    assert wrong(STAY, {**RIGHT, **more}) == said


def test_what_is_missing_is_said_of_each():
    assert wrong(STAY, {}) == dict.fromkeys(("guest", "beds", "extras"), "is required")


@pytest.mark.parametrize(
    ("given", "is_fine"),
    [
        ([1, True, "1", None, 0, False, [1], [True], {}, []], True),
        ([{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "b": True}], True),
        ([1, 1.0], False),
        ([[0], [0.0]], False),
        ([True, True], False),
        ([None, None], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
    ],
)
def test_entries_are_the_same_as_json_is(given, is_fine):
    said = json.loads(asking(a={"uniqueItems": True}, b={"uniqueItems": False}))
    twice = {} if is_fine else {"a": "must not have the same entry twice"}
    assert wrong(said, {"a": given, "b": given}) == twice


def test_of_one_exactly_one_fits_and_of_any_the_nearest_is_told():
    parts = [{"properties": {"b": {"type": "string"}, "c": {"maximum": 1}}}, {"required": ["d"]}, {"type": "string"}]
    said = json.loads(asking(a={"oneOf": parts}))
    assert wrong(said, {"a": {"b": 1, "c": 2}}) == {"a.d": "is required"}
    assert wrong(said, {"a": {"b": "x", "d": 1}}) == {"a": "does not fit what is asked for"}
    assert wrong(said, {"a": "x"}) == {"a": "does not fit what is asked for"}
    assert wrong(said, {"a": {"b": 1, "d": 1}}) == {}
    said = json.loads(asking(a={"anyOf": parts}))
    assert wrong(said, {"a": "x"}) == {}
    assert wrong(said, {"a": {"b": 1}}) == {"a.b": "must be text"}


def test_nothing_is_no_answer_wherever_it_may_be_asked_for():
    said = json.loads(
        schema(
            properties={"a": {"type": "string"}, "b": {"type": ["string", "null"]}},
            allOf=[{"$ref": "#/$defs/more"}],
            patternProperties={"^x": {"type": "string"}},
            **{"$defs": {"more": {"then": {"properties": {"c": {"type": "string"}}}, "if": {}}}},
        )
    )
    assert wrong(said, {"a": None, "b": None, "c": None, "other": None}) == {}
    assert wrong(said, {"x": None}) == {"x": "must be text"}


@pytest.mark.parametrize(
    "reference",
    [
        "#/$defs/first%20name",
        "#/$defs/first name",
        "#/%24defs/first%20name",
        "#/$defs/a~1b/anyOf/0",
        "#/$defs/a%7E1b/anyOf/0",
    ],
)
def test_a_reference_is_read_as_the_fragment_of_an_address(reference):
    short = {"type": "string", "maxLength": 1}
    said = {"$id": "f", "properties": {"a": {"$ref": reference}}}
    said["$defs"] = {"first name": short, "a/b": {"anyOf": [short]}}
    assert read(json.dumps(said).encode()).fields[0]["constraints"] == {"maxlength": 1}
    assert wrong(said, {"a": "xy"}) == {"a": "must have at most 1 characters"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_nothing_is_fetched_whatever_a_schema_says(tmp_path):
    (tmp_path / "secret").write_text('{"type": "string"}')
    said = {"$id": "f", "properties": {"a": {"$ref": f"file://{tmp_path}/secret"}}}
    with pytest.raises(Exception, match="Unresolvable"):
        judge.problems({**said, "properties": {"b": {"allOf": [said["properties"]["a"]]}}}, {"b": 1})


def test_in_draft_7_only_the_reference_counts():
    said = {
        "$schema": SEVENTH,
        "$id": "f",
        "properties": {"a": {"$ref": "#/definitions/b", "maxLength": 1}, "c": {"type": "string"}},
        "dependencies": {"a": ["c"], "c": {"properties": {"a": {"minLength": 2}}}},
        "definitions": {"b": {"type": "string"}},
    }
    assert wrong(said, {"a": "long", "c": "x"}) == {}
    assert wrong({**said, "$schema": NEWEST}, {"a": "long", "c": "x"}) == {"a": "must have at most 1 characters"}
    assert wrong(said, {"a": "long"}) == {"c": "is required"}
    assert wrong(said, {"a": "l", "c": "x"}) == {"a": "must have at least 2 characters"}
    (field, _) = read(json.dumps(said).encode()).fields
    assert field["constraints"] == {}


def test_no_field_asks_more_than_the_schema_and_each_is_told_of_once():
    form = read(json.dumps(STAY).encode())
    judge = {"whole": _whole, "current": dict}
    check_form(form.fields, RIGHT, **judge)
    with pytest.raises(InvalidVariables) as refusal:
        check_form(form.fields, {"beds": 9, "extras": [], "price": 1, "guests": [{}]}, **judge)
    assert refusal.value.facts["errors"] == [
        {"field": "guest", "message": "is required"},
        {"field": "beds", "message": "must be at most 4"},
        {"field": "price", "message": "cannot be changed"},
        {"field": "guests.0.name", "message": "is required"},
    ]


def _whole(variables):
    form = FormFile(1, json.dumps(STAY).encode())
    return problems(lambda _key, _version: form, {"key": "stay", "version": 1}, variables)


def test_only_a_schema_says_more_than_its_fields():
    file = FormFile(1, b'{"id": "f", "components": [{"type": "textfield", "key": "a"}]}')
    assert problems(lambda _key, _version: file, {"key": "f", "version": 1}, {"a": 1}) == []
    assert problems(lambda _key, _version: None, {"key": "f", "version": 1}, {}) == []
    assert problems(lambda _key, _version: file, {"key": "f", "version": None}, {}) == []
    assert problems(lambda _key, _version: file, None, {}) == []


def deep(depth):
    part = {"type": "string"}
    for _ in range(depth):
        part = {"properties": {"a": part}}
    return part


WAYS = {f"b{number}": {"allOf": [{"$ref": f"#/$defs/b{number + 1}"}] * 2} for number in range(12)} | {"b12": {}}


@pytest.mark.parametrize(
    ("source", "where", "said"),
    [
        (b'{"$schema": ', None, "no JSON"),
        (json.dumps({"$schema": NEWEST, "properties": {"a": {}}}).encode(), None, r"no \$id"),
        (schema(**{"$schema": "http://json-schema.org/draft-04/schema#"}), "/$schema", "is understood"),
        (schema(type="array"), "/", "object with properties"),
        (schema(properties={}), "/", "object with properties"),
        (asking(a={"type": "strin"}), "/properties/a/type", "'strin' is not valid"),
        (asking(**{"a/b": {"minimum": "4"}}), "/properties/a~1b/minimum", "'4' is not of type 'number'"),
        (schema(required="a"), "/required", "is not of type 'array'"),
        (schema(uiSchema=[]), "/uiSchema", "no object"),
        (asking(a={"$ref": "https://example.com/other.json"}), "/properties/a/$ref", "stands in the schema itself"),
        (asking(a={"$ref": "#"}), "/properties/a/$ref", "stands in the schema itself"),
        (asking(a={"$ref": "#/$defs/b"}), "/properties/a/$ref", "is not there"),
        (asking(a={"$ref": "#/properties/b"}, b={"$ref": "#/properties/a"}), None, "leads back to itself"),
        (asking(a={"items": {"$ref": "#/properties/a"}}), "/properties/a/items/items/$ref", "leads back to itself"),
        (asking(a={"$ref": "#/properties/b/default"}, b={"default": {"type": 3}}), "/properties/a/type", "3 is not"),
        (asking(a={"$ref": "#/%70roperties/a"}), "/properties/a/$ref", "leads back to itself"),
        (asking(a={"$ref": "#/$defs/%62"}), "/properties/a/$ref", "is not there"),
        (asking(a={"$ref": "#/properties/b/anyOf/1"}, b={"anyOf": [{}]}), "/properties/a/$ref", "is not there"),
        (asking(a={"$ref": "#/properties/b/anyOf/-1"}, b={"anyOf": [{}]}), "/properties/a/$ref", "is not there"),
        (schema(**{"$ref": "#/$defs/b", "$defs": {"b": {"$schema": SEVENTH}}}), "/$defs/b/$schema", "not judged here"),
        (schema(**{"$defs": {"b": {"not": {"$id": "https://other"}}}}), "/$defs/b/not/$id", "not judged here"),
        (schema(**{"$defs": {"b": {"pattern": "a{99999999999}"}}}), "/$defs/b/pattern", "is not a 'regex'"),
        (schema(**{"$defs": {"b": {"pattern": "(" * 5000 + ")" * 5000}}}), "/$defs/b/pattern", "is not a 'regex'"),
        (asking(a={"$id": "b"}), "/properties/a/$id", "not judged here"),
        (asking(a={"unevaluatedProperties": False}), "/properties/a/unevaluatedProperties", "not judged here"),
        (asking(a={"pattern": "(a+)+$"}), "/properties/a/pattern", "might take too long"),
        (asking(a={"items": {"pattern": "("}}), "/properties/a/items/pattern", "no regular expression"),
        (asking(a={"patternProperties": {"(a|a)*(b|b)*$": {}}}), "/properties/a/patternProperties", "too long"),
        (asking(a=deep(30)), None, "nested more than 20"),
        (schema(**{"properties": {"a": {"$ref": "#/$defs/b0"}}, "$defs": WAYS}), None, "more than 1000 parts"),
        (asking(**{f"a{number}": {} for number in range(1001)}), None, "more than 1000 parts"),
        (asking(a={"description": "x" * 600_000}), None, "512 KiB"),
        (asking(a={"default": 2**70}), None, "64 bits"),
        (b'{"$schema": "", "a": ' + b"[" * 100_000, None, "no JSON"),
        (b'{"$id": "f", "properties": {"a": {"default": ' + b"[" * 200 + b"]" * 200 + b"}}}", None, "nested deeper"),
    ],
)
def test_what_is_no_schema_of_a_form_is_refused_at_deployment_with_its_place(source, where, said):
    begun = perf_counter()
    with pytest.raises(InvalidDefinition, match=said) as refusal:
        world(source)
    assert where is None or refusal.value.facts["path"] == where
    assert perf_counter() - begun < 5


def test_what_the_stack_does_not_hold_is_refused():
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 250)
    try:
        with pytest.raises(InvalidDefinition, match="nested too deep"):
            read(schema(**{"$defs": {"b": deep(40)}}))
    finally:
        sys.setrecursionlimit(before)


def test_a_schema_in_the_model_is_refused():
    zeebe = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    body = (
        f'<extensionElements {zeebe}><zeebe:userTaskForm id="inside">{schema().decode()}</zeebe:userTaskForm>'
        f'</extensionElements><startEvent id="s"/><userTask id="u"><extensionElements {zeebe}>'
        '<zeebe:formDefinition formKey="camunda-forms:bpmn:inside"/></extensionElements></userTask>' + flows("s", "u")
    )
    with pytest.raises(InvalidDefinition, match="deploy it beside the model"):
        world(bpmn(body))


def test_a_large_value_is_judged_in_time():
    said = json.loads(asking(a={"type": "array", "items": {"type": "object", "required": ["b"]}}))
    begun = perf_counter()
    found = wrong(said, {"a": [{}] * 20_000})
    assert len(found) == 50
    assert perf_counter() - begun < 5


def test_entries_of_any_kind_are_compared_in_time():
    said = json.loads(asking(a={"type": "array", "uniqueItems": True}))
    begun = perf_counter()
    assert wrong(said, {"a": [{"b": number} for number in range(20_000)]}) == {}
    assert perf_counter() - begun < 5


def test_what_is_wrong_with_each_of_several_is_not_kept():
    inner = {"anyOf": [{"properties": {"b": {"type": "string"}}}, {"type": "string"}] * 10}
    said = json.loads(asking(a={"anyOf": [{"items": inner}, {"items": inner}]}))
    given = {"a": [{"b": 1}] * 4_000}
    tracemalloc.start()
    found = wrong(said, given)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == {f"a.{number}.b": "must be text" for number in range(10)}
    assert most < 10_000_000


@pytest.mark.parametrize(("more", "said"), [(0, {}), (1, {"b": "is too much: at most 50000 values are judged"})])
def test_an_answer_of_more_values_is_not_judged(more, said):
    half = judge.MOST_VALUES // 2 - 1
    assert (
        wrong(json.loads(asking(a={}, b={})), {"a": [0] * half, "b": {str(n): 0 for n in range(half + more)}}) == said
    )
