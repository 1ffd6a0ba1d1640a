"""Boxed expressions and knowledge models: contexts, invocations, lists, relations and functions in XML."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.errors import InvalidDefinition
from engines.decisions.decide import DecisionFailed, decide
from engines.decisions.model import read
from tests.engines.dmn import decision, definitions, table, text

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def entry(name: str, logic: str) -> str:
    return f'<contextEntry><variable name="{name}"/>{logic}</contextEntry>'


def knowledge(name: str, parameters: dict[str, str], logic: str) -> str:
    listed = "".join(f'<formalParameter name="{one}" typeRef="{of}"/>' for one, of in parameters.items())
    body = f"<encapsulatedLogic>{listed}{logic}</encapsulatedLogic>"
    return f'<businessKnowledgeModel id="{name}" name="{name}">{body}</businessKnowledgeModel>'


def value(*parts: str, **variables: Any) -> Any:
    return decide(read(definitions(*parts)), "d", variables, NOW).value


TAX = knowledge("tax", {"amount": "number"}, table(["amount"], ["rate"], ["< 100", "0.1"], [">= 100", "0.2"]))


def test_a_context_is_its_entries_or_its_last_one_without_a_name() -> None:
    entries = entry("net", text("price * 2")) + entry("gross total", text("net * 1.5"))
    assert value(decision("d", f"<context>{entries}</context>"), price=5) == {"net": 10, "gross total": 15}
    last = f"<contextEntry>{text('gross total + 1')}</contextEntry>"
    assert value(decision("d", f"<context>{entries}{last}</context>"), price=5) == 16


def test_a_knowledge_model_is_called_by_expressions_and_by_invocations() -> None:
    assert value(TAX, decision("d", text("[tax(50), tax(amount: 100)]"))) == [0.1, 0.2]
    binding = f'<binding><parameter name="amount"/>{text("price + 1")}</binding>'
    invoked = f"<invocation>{text('tax')}{binding}</invocation>"
    assert value(TAX, decision("d", invoked), price=99) == 0.2
    with pytest.raises(DecisionFailed, match="decision 'd': 'seven', a string, is no number"):
        value(TAX, decision("d", text('tax("seven")')))
    with pytest.raises(DecisionFailed, match="decision 'd': 'price' is no function"):
        value(decision("d", f"<invocation>{text('price')}</invocation>"), price=1)


def test_functions_see_where_they_stand() -> None:
    inner = f'<functionDefinition><formalParameter name="b"/>{text("a * b + c")}</functionDefinition>'
    assert value(knowledge("f", {"a": "number"}, inner), decision("d", text("f(2)(3)")), c=1) == 7


def test_lists_and_relations() -> None:
    columns = '<column name="lender"/><column name="rate"/>'
    rows = "".join(f"<row>{text(lender)}{text(rate)}</row>" for lender, rate in (('"A"', "0.03"), ('"B"', "x / 100")))
    relation = decision("offers", f"<relation>{columns}{rows}</relation>")
    best = decision("d", text("offers[rate = min(offers.rate)].lender[1]"), requires=["offers"])
    assert value(relation, best, x=2) == "B"
    assert value(decision("d", f"<list>{text('1')}<list>{text('x')}</list></list>"), x=2) == [1, [2]]


def test_a_chain_is_decided_once_and_its_names_may_hold_signs() -> None:
    parts = [
        decision("a", text("x + 1"), variable='<variable name="net-amount"/>'),
        decision("b", text("net-amount * 2"), requires=["a"]),
        decision("d", text("[net-amount - 1, b]"), requires=["a", "b"]),
    ]
    assert value(*parts, x=1) == [1, 4]


def test_an_input_declared_as_a_date_comes_as_a_text() -> None:
    due = '<inputData id="i" name="due"><variable name="due" typeRef="date"/></inputData>'
    assert value(due, decision("d", text('due + duration("P1D")')), due="2026-11-22") == "2026-11-23"
    with pytest.raises(DecisionFailed, match="decision 'd': input 'due': 'soon', a string, is no date"):
        value(due, decision("d", text("due")), due="soon")
    with pytest.raises(DecisionFailed, match="there is no variable 'due'"):
        value(due, decision("d", text("due")))


def test_types_of_the_model_stand_for_what_they_are_made_of() -> None:
    points = '<itemDefinition name="points"><typeRef>integer</typeRef></itemDefinition>'
    assert value(points, decision("d", table(["x:points"], ["y:points"], ["7", '"8"'])), x="7") == 8


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (knowledge("f", {}, ""), "knowledge model 'f': there is no expression"),
        (
            knowledge("f", {}, text("1")).replace("<encapsulatedLogic>", '<encapsulatedLogic kind="Java">'),
            "functions in Java",
        ),
        ('<businessKnowledgeModel id="f" name="f"/>', "the knowledge model 'f' has no logic"),
        (
            decision("r", f'<relation><column name="a"/><row>{text("1")}{text("2")}</row></relation>'),
            "a row has not as many",
        ),
        (decision("c", "<list>" * 70 + "</list>" * 70), "nested deeper than 60"),
        (
            "".join(f'<inputData id="i{n}" name="a-{n}"/>' for n in range(501)),
            "there are more than 500 names with signs",
        ),
    ],
)
def test_what_can_never_work_is_refused(part: str, reason: str) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        read(definitions(part, decision("d", text("1"))))
