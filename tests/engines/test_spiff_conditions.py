"""Conditions that are waited for: asked where the waiting begins, and then after changes that count."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import pytest

from tests.engines.world import World, bpmn, flows

ASKS = "<conditionalEventDefinition {said}><condition>${{amount &gt; 5}}</condition></conditionalEventDefinition>"


def beside(kind: str, said: str = "") -> bytes:
    """A task `t`, and what a condition begins beside it without interrupting: a task `x` each time."""
    event, after = ASKS.format(said=said), f'<userTask id="x"/><endEvent id="xe"/>{flows("c", "x", "xe")}'
    beginning = {
        "boundary": f'<boundaryEvent id="c" attachedToRef="t" cancelActivity="false">{event}</boundaryEvent>{after}',
        "event sub-process": f'<subProcess id="es" triggeredByEvent="true"><startEvent id="c" isInterrupting="false">{event}</startEvent>{after}</subProcess>',
    }[kind]
    return bpmn(
        f'<startEvent id="s"/><userTask id="u"/><userTask id="t"/><endEvent id="e"/>{flows("s", "u", "t", "e")}{beginning}'
    )


@pytest.mark.parametrize("kind", ["boundary", "event sub-process"])
def test_what_holds_comes_once_and_again_when_something_changes(kind: str) -> None:
    world = World(beside(kind))
    world.start(amount=9)
    world.complete("u")
    assert world.keys() == ["t", "x"]
    world.pass_time(seconds=60)
    assert world.keys() == ["t", "x"]
    world.complete("x", amount=8)
    assert world.keys() == ["t", "x"]
    world.complete("x", amount=3)
    assert world.keys() == ["t"]
    world.complete("t")
    assert world.ends() == ["FINISHED"]


@pytest.mark.parametrize(
    ("said", "changes", "left"),
    [
        ('camunda:variableName="amount"', {"other": 1}, ["t"]),
        ('camunda:variableName="amount"', {"amount": 7}, ["t", "x"]),
        ('camunda:variableName="amount" camunda:variableEvents="create"', {"amount": 7}, ["t"]),
        ('camunda:variableName="amount" camunda:variableEvents="create, update"', {"amount": 7}, ["t", "x"]),
    ],
)
def test_only_the_changes_that_are_asked_for_count(said: str, changes: dict[str, int], left: list[str]) -> None:
    world = World(beside("boundary", said))
    world.start(amount=9)
    world.complete("u")
    world.complete("x", **changes)
    assert world.keys() == left


def test_a_variable_that_is_there_already_is_not_created() -> None:
    asks = '<conditionalEventDefinition camunda:variableName="test" camunda:variableEvents="create"><condition>${test != null}</condition></conditionalEventDefinition>'
    body = f'<startEvent id="s"/><userTask id="u"/><intermediateCatchEvent id="c">{asks}</intermediateCatchEvent>'
    after = f'<parallelGateway id="f"/><userTask id="x"/>{flows("s", "f", "u")}{flows("f", "c", "x")}'
    world = World(bpmn(body + after))
    world.start(test=None)
    assert world.keys() == ["u"]
    world.complete("u", test=1)
    assert world.keys() == []
