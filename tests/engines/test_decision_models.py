"""DMN files: every version is read, what can never work is refused with its element and line."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import InvalidDefinition
from engines.decisions.decide import decide
from engines.decisions.model import read
from tests.engines.dmn import NEWEST, decision, definitions, table, text

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SPACES = [
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    NEWEST,
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "",
]


@pytest.mark.parametrize("space", SPACES)
def test_every_version_is_read(space: str) -> None:
    model = read(definitions(decision("d", text("1 + 1"), more=' camunda:versionTag="v7"'), space=space))
    assert model.decisions["d"].version_tag == "v7"
    assert decide(model, "d", {}, NOW).value == 2


CYCLE = (decision("a", text("1"), requires=["b"]), decision("b", text("1"), requires=["a"]))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([], "there is no decision in this file"),
        (['<decision name="d"/>'], "the decision 'd' has no id"),
        ([decision("d", text("1")), decision("d", text("2"))], "the id 'd' is used twice"),
        ([decision("d", text("1 +"))], "decision 'd': '1 +': ends at 3, where a value was expected"),
        ([decision("d", text(""))], "decision 'd': the expression is empty"),
        ([decision("d", text("x", ' expressionLanguage="groovy"'))], "decision 'd': the language 'groovy' is not run"),
        (
            [decision("d", table(["x"], ["y"], ["<", "1"]))],
            "decision 'd', rule 1, 'x': '<': ends at 1, where a value was expected",
        ),
        (
            [decision("d", table(["x"], ["y"], ["1"]))],
            "decision 'd', rule 1 has 1 and 0 cells, the table 1 inputs and 1 outputs",
        ),
        ([decision("d", table([""], ["y"], ["1", "1"]))], "decision 'd': input 'input' has no expression"),
        ([decision("d", table(["x"], [], ["1"]))], "decision 'd': the table has no output"),
        ([decision("d", table(["x"], ["y", "y"], ["1", "1", "1"]))], "decision 'd': outputs need names of their own"),
        ([decision("d", table(["x"], ["y"], policy="SOME"))], "decision 'd': there is no hit policy 'SOME'"),
        (
            [decision("d", table(["x"], ["y"], policy="PRIORITY"))],
            "decision 'd': PRIORITY needs output values, most important first",
        ),
        (
            [decision("d", table(["x"], ["y"], more=' aggregation="SUM"'))],
            "decision 'd': UNIQUE cannot aggregate by 'SUM'",
        ),
        (
            [decision("d", table(["x"], ["y", "z"], policy="COLLECT", more=' aggregation="SUM"'))],
            "decision 'd': SUM needs a single output",
        ),
        ([decision("d", text("1"), requires=["gone"])], "decision 'd' requires '#gone', which is not in this file"),
        (CYCLE, "decision 'a' needs its own result"),
        (['<import namespace="urn:y"/>', decision("d", text("1"))], "importing other models is not supported"),
        ([decision("d", "<conditional/>")], "decision 'd': conditional is not supported"),
    ],
)
def test_what_can_never_work_is_refused(parts: list[str], reason: str) -> None:
    with pytest.raises(InvalidDefinition) as raised:
        read(definitions(*parts))
    assert str(raised.value) == reason
    assert raised.value.facts == {"line": 1}


def test_the_line_is_that_of_the_text() -> None:
    with pytest.raises(InvalidDefinition) as raised:
        read(definitions("\n\n", decision("d", "\n" + text("1 +"))))
    assert raised.value.facts == {"line": 4}


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"<definitions", "not well-formed XML"),
        (b'<!DOCTYPE d [<!ENTITY a "b">]><definitions><decision id="x"/></definitions>', "a document type declaration"),
        (b"<bpmn/>", "the root element is bpmn, not DMN definitions"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "not DMN definitions"),
        (b" " * 5_000_001, "the file is larger than 5 MB"),
    ],
)
def test_what_is_no_dmn_file(source: bytes, reason: str) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        read(source)


def test_a_file_may_declare_the_language_of_all_its_expressions() -> None:
    source = definitions(decision("d", text("amount gt 5")))
    model = read(source.replace(b"<definitions", b'<definitions expressionLanguage="juel"'))
    assert decide(model, "d", {"amount": 6}, NOW).value is True
    with pytest.raises(InvalidDefinition, match="decision 'd': 'amount gt 5': '5' at 10 was not expected"):
        read(source)


def test_simple_juel_is_evaluated_and_tests_in_it_are_refused() -> None:
    juel = ' expressionLanguage="juel"'
    model = read(definitions(decision("d", text("${amount > 5 && name == 'Ann'}", juel))))
    assert decide(model, "d", {"amount": 6, "name": "Ann"}, NOW).value is True
    due = read(definitions(decision("d", text("${dateTime().plusDays(2)}", juel))))
    assert decide(due, "d", {}, NOW).value == "2026-11-24T10:00:00Z"
    with pytest.raises(InvalidDefinition, match="decision 'd'"):
        read(definitions(decision("d", text("${bean.find()", juel))))
    cell = table(["x"], ["y"], ["1", "1"]).replace("<inputEntry>", f"<inputEntry{juel}>")
    with pytest.raises(InvalidDefinition, match="tests in 'juel' are not supported"):
        read(definitions(decision("d", cell)))
