"""Decisions as DMN and Camunda make them: hit policies, types, chains, and what a process takes of the result."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engines.decisions.decide import DecisionFailed, Result, decide, mapped
from engines.decisions.model import read
from tests.engines.dmn import decision, definitions, table, text

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
LOANS = (
    [">= 18", '"Medium", "Low"', '"Approved"', '"Best"'],
    ["< 18", "-", '"Declined"', '"Standard"'],
    ["-", '"High"', '"Declined"', '"Standard"'],
    ["-", "-", '"Approved"', '"Standard"'],
)


def made(logic: str, **variables: Any) -> Result:
    return decide(read(definitions(decision("d", logic))), "d", variables, NOW)


def loans(policy: str, *rules: list[str], age: int = 17, risk: str = "High") -> Result:
    outputs = ['status:string:"Approved", "Declined"', 'rate:string:"Best", "Standard"']
    return made(table(["age", "risk"], outputs, *rules, policy=policy), age=age, risk=risk)


def test_unique_answers_the_one_rule_that_matches() -> None:
    rules = ([">= 18", '"Yes"'], ["< 18", '"No"'])
    assert made(table(["age"], ["may"], *rules), age=18).rows == ({"may": "Yes"},)
    assert made(table(["age"], ["may"], *rules), age=17).value == "No"
    assert made(table(["age"], ["may"], rules[0]), age=17) == Result((), None)
    with pytest.raises(DecisionFailed, match="decision 'd': rules 1, 2 match, but the hit policy is UNIQUE") as raised:
        made(table(["age"], ["may"], rules[0], ["> 10", '"Perhaps"']), age=18)
    assert raised.value.status == 422
    assert raised.value.facts == {"decision": "d"}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("FIRST", [("Declined", "Standard")]),
        ("PRIORITY", [("Approved", "Standard")]),
        ("RULE ORDER", [("Declined", "Standard"), ("Declined", "Standard"), ("Approved", "Standard")]),
        ("OUTPUT ORDER", [("Approved", "Standard"), ("Declined", "Standard"), ("Declined", "Standard")]),
        ("COLLECT", [("Declined", "Standard"), ("Declined", "Standard"), ("Approved", "Standard")]),
    ],
)
def test_policies_when_three_rules_match(policy: str, expected: list[tuple[str, str]]) -> None:
    assert [tuple(row.values()) for row in loans(policy, *LOANS).rows] == expected


def test_any_wants_the_same_answer_from_all() -> None:
    assert loans("ANY", *LOANS[1:3]).value == {"status": "Declined", "rate": "Standard"}
    with pytest.raises(DecisionFailed, match="rules 2, 3, 4 match with different outputs, but the hit policy is ANY"):
        loans("ANY", *LOANS)


def test_the_priority_of_the_second_output_counts_among_equals() -> None:
    rules = (["-", "-", '"Approved"', '"Standard"'], ["-", "-", '"Approved"', '"Best"'])
    assert loans("PRIORITY", *rules).value == {"status": "Approved", "rate": "Best"}


@pytest.mark.parametrize(
    ("how", "matching", "expected", "nothing"),
    [
        ("SUM", [10, 20, 5], 35, None),
        ("MIN", [10, 20, 5], 5, None),
        ("MAX", [10, 20, 5], 20, None),
        ("COUNT", [10, 20, 5], 3, 0),
    ],
)
def test_collect_aggregates(how: str, matching: list[int], expected: int, nothing: int | None) -> None:
    rules = [["> 0", str(number)] for number in matching]
    logic = table(["n"], ["points"], *rules, policy="COLLECT", more=f' aggregation="{how}"')
    assert made(logic, n=1) == Result(({"points": expected},), expected)
    assert made(logic, n=0).value == nothing


def test_collect_lists_every_match_and_nothing_for_none() -> None:
    logic = table(["n"], ["points"], ["> 0", "1"], ["> 1", "1"], policy="COLLECT")
    assert made(logic, n=2).value == [1, 1]
    assert made(logic, n=0).rows == ()


def test_a_default_answers_when_no_rule_does() -> None:
    logic = table(["n"], ["points"], ["> 5", "1"]).replace(
        '<output name="points">', '<output name="points"><defaultOutputEntry><text>n * 2</text></defaultOutputEntry>'
    )
    assert made(logic, n=3).rows == ({"points": 6},)


@pytest.mark.parametrize(
    ("of", "given", "test", "matches"),
    [
        ("integer", "10", "10", True),
        ("integer", 10.7, "10", True),
        ("number", "10.5", "> 10", True),
        ("string", 10, '"10"', True),
        ("boolean", "true", "true", True),
        ("date", "2026-11-22", 'date("2026-11-22")', True),
        ("date", "2026-11-22T10:00:00.000Z", '< @"2026-11-23"', True),
        ("feel:dateTime", "2026-11-22T10:00:00Z", '> date and time("2026-11-22T09:00:00Z")', True),
        ("somethingElse", "10", '"10"', True),
        ("string", None, "null", True),
        ("integer", "ten", "10", DecisionFailed),
        ("boolean", 1, "true", DecisionFailed),
        ("date", "soon", "-", DecisionFailed),
    ],
)
def test_inputs_are_made_to_fit_their_type(of: str, given: Any, test: str, matches: Any) -> None:
    logic = table([f"x:{of}"], ["ok"], [test, "true"])
    if matches is DecisionFailed:
        with pytest.raises(DecisionFailed, match="input 'x': "):
            made(logic, x=given)
    else:
        assert made(logic, x=given).value is matches


def test_outputs_are_made_to_fit_their_type() -> None:
    logic = table(["x"], ["a:integer", "b:string", "c:date"], ["-", '"7"', "x", '"2026-11-22"'])
    assert made(logic, x=1).value == {"a": 7, "b": "1", "c": "2026-11-22"}
    with pytest.raises(DecisionFailed, match="decision 'd': rule 1, output 'a': 'seven', a string, is no integer"):
        made(table([], ["a:integer"], ['"seven"']))


def test_a_cell_sees_its_input_and_all_variables() -> None:
    logic = table(["x * 2"], ["out"], ["? > limit and cellInput < 100", "x + limit"])
    assert made(logic, x=6, limit=10).value == 16
    with pytest.raises(DecisionFailed, match="decision 'd': rule 1, 'x \\* 2': there is no variable 'limit'"):
        made(logic, x=6)


def test_an_empty_cell_tests_nothing_and_answers_nothing() -> None:
    assert made(table(["x"], ["a", "b"], ["", "", "1"]), x=None).value == {"a": None, "b": 1}


SEASON = decision("season", table(["month"], ["season"], ["[6..8]", '"Summer"'], ["not([6..8])", '"Winter"']))
GUESTS = decision("guests", text("adults + children"), variable='<variable name="guest count" typeRef="integer"/>')
DISH = decision(
    "dish",
    table(["season", "guest count"], ["dish"], ['"Summer"', "> 4", '"Steak"'], ['"Winter"', "<= 4", '"Stew"']),
    requires=["season", "guests"],
)


def test_a_decision_uses_what_it_requires() -> None:
    model = read(definitions(DISH, SEASON, GUESTS))
    assert decide(model, "dish", {"month": 12, "adults": 2, "children": 2}, NOW).value == "Stew"
    assert decide(model, "dish", {"month": 7, "adults": 2, "children": 3}, NOW).value == "Steak"
    assert decide(model, "guests", {"adults": 2, "children": 3}, NOW).rows == ({"guest count": 5},)
    with pytest.raises(
        DecisionFailed, match="decision 'season': input 'month': there is no variable 'month'"
    ) as raised:
        decide(model, "dish", {"adults": 2, "children": 3}, NOW)
    assert raised.value.facts == {"decision": "season"}
    with pytest.raises(DecisionFailed, match="there is no decision 'drink'"):
        decide(model, "drink", {}, NOW)


ROWS = ({"a": 1}, {"a": 2})


@pytest.mark.parametrize(
    ("rows", "how", "expected"),
    [
        (ROWS[:1], "singleEntry", 1),
        ((), "singleEntry", None),
        (ROWS, "singleEntry", "singleEntry needs one row at most, the decision has 2"),
        (({"a": 1, "b": 2},), "singleEntry", "singleEntry needs a single output, the decision has 'a', 'b'"),
        (({"a": 1, "b": 2},), "singleResult", {"a": 1, "b": 2}),
        ((), "singleResult", None),
        (ROWS, "singleResult", "singleResult needs one row at most, the decision has 2"),
        (ROWS, "collectEntries", [1, 2]),
        ((), "collectEntries", []),
        (({"a": 1, "b": 2},), "collectEntries", "collectEntries needs a single output, the decision has 'a', 'b'"),
        (ROWS, "resultList", [{"a": 1}, {"a": 2}]),
        ((), "resultList", []),
        (ROWS, "everything", "there is no decision result mapping 'everything'"),
    ],
)
def test_a_process_takes_the_result_as_camunda_does(rows: Any, how: str, expected: Any) -> None:
    result = Result(rows, None)
    if isinstance(expected, str):
        with pytest.raises(DecisionFailed) as raised:
            mapped(result, how)
        assert str(raised.value) == expected
    else:
        assert mapped(result, how) == expected
