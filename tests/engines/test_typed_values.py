"""Variables as Camunda 7 sends them become plain data and back; what cannot be kept is refused by name."""

import pytest

from domain.errors import InvalidValue
from engines.formats.typed_values import plain_variables, typed

AS_JSON = {"serializationDataFormat": "application/json", "objectTypeName": "java.util.Map"}


@pytest.mark.parametrize(
    ("value", "name", "shown"),
    [
        ("ann", "String", "ann"),
        (True, "Boolean", True),
        (2**31 - 1, "Integer", 2**31 - 1),
        (2**31, "Long", 2**31),
        (-(2**31) - 1, "Long", -(2**31) - 1),
        (1.5, "Double", 1.5),
        (None, "Null", None),
        ({"a": [1]}, "Json", '{"a":[1]}'),
        ([], "Json", "[]"),
    ],
)
def test_plain_data_has_a_type_and_comes_back(value, name, shown):
    made = typed(value)
    assert made == {"type": name, "value": shown, "valueInfo": {}}
    for spelt in (name, name.lower()):
        assert plain_variables({"x": {**made, "type": spelt}}) == {"x": value}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ({"value": "2013-01-23T13:42:42.453+0200", "type": "Date"}, "2013-01-23T11:42:42.453Z"),
        ({"value": 7, "type": "short"}, 7),
        ({"value": 7.0, "type": "integer"}, 7),
        ({"value": 3, "type": "double"}, 3),
        (
            {"value": '{"a":1}', "type": "Object", "valueInfo": {"serializationDataFormat": "application/json"}},
            {"a": 1},
        ),
        ({"value": {"a": 1}, "type": "json"}, {"a": 1}),
        ({"value": None, "type": "String"}, None),
        ({"value": "x"}, "x"),
        ({"value": "x", "valueInfo": {"transient": True}}, "x"),
        ({}, None),
    ],
)
def test_what_workers_send_is_read(given, value):
    assert plain_variables({"x": given}) == {"x": value}


@pytest.mark.parametrize(
    "given",
    [
        "x",
        {"value": "eDw=", "type": "File"},
        {"value": "eDw=", "type": "Bytes"},
        {"value": "<a/>", "type": "Xml"},
        {"value": 1, "type": 5},
        {"value": 1, "type": "String"},
        {"value": 1, "type": "Boolean"},
        {"value": True, "type": "Integer"},
        {"value": True, "type": "Double"},
        {"value": "7", "type": "Integer"},
        {"value": 1.5, "type": "Long"},
        {"value": 2**15, "type": "Short"},
        {"value": 2**31, "type": "Integer"},
        {"value": 2**63, "type": "Long"},
        {"value": float("inf"), "type": "Integer"},
        {"value": 2**64},
        {"value": "yesterday", "type": "Date"},
        {"value": 5, "type": "Date"},
        {"value": "{", "type": "Json"},
        {"value": "[" * 500 + "]" * 500, "type": "Json"},
        {"value": "rO0AB", "type": "Object", "valueInfo": {"serializationDataFormat": "application/x-java-serialized"}},
        {"value": "{}", "type": "Object", "valueInfo": "x"},
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(given):
    with pytest.raises(InvalidValue, match=r"variables\.x"):
        plain_variables({"x": given})
