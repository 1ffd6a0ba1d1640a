"""Trials: what nobody has given takes no part, and is no obstacle; elsewhere it stops the instance there."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

import pytest

from engines.protocol import Services
from tests.engines.world import World, bpmn, flows

WAYS = (
    '<sequenceFlow id="y" sourceRef="g" targetRef="a"><conditionExpression>${bean.isFine(x)}</conditionExpression></sequenceFlow>'
    '<sequenceFlow id="n" sourceRef="g" targetRef="b"><conditionExpression>${!bean.isFine(x)}</conditionExpression></sequenceFlow>'
)
GATEWAY = bpmn(
    f'<startEvent id="s"/><exclusiveGateway id="g"/><userTask id="a"/><userTask id="b"/>{flows("s", "g")}{WAYS}'
)
TIMER = "<timerEventDefinition><{kind}>${{bean.when()}}</{kind}></timerEventDefinition>"


def middle(element: str) -> bytes:
    return bpmn(f'<startEvent id="s"/>{element}<userTask id="after"/>{flows("s", "m", "after")}')


@pytest.mark.parametrize(("wanted", "reached"), [("${bean.isFine(x)}", "a"), ("${!bean.isFine(x)}", "b")])
def test_whoever_tries_says_which_condition_holds(wanted: str, reached: str) -> None:
    asked: list[tuple[str, str]] = []

    def undecided(element: str, condition: str) -> bool:
        asked.append((element, condition))
        return condition == wanted

    world = World(GATEWAY)
    world.services = Services(lenient=True, undecided=undecided)
    world.start()
    assert world.keys() == [reached]
    assert asked[0] == ("g", "${bean.isFine(x)}")


def test_what_can_be_told_is_not_asked() -> None:
    world = World(GATEWAY.replace(b"bean.isFine(x)", b"x == 1"))
    world.services = Services(lenient=True, undecided=lambda _element, _condition: True)
    world.start(x=2)
    assert world.keys() == ["b"]


@pytest.mark.parametrize(
    ("element", "before"),
    [
        ('<userTask id="m"><multiInstanceLoopCharacteristics camunda:collection="${bean.all()}"/></userTask>', ["m"]),
        (f'<intermediateCatchEvent id="m">{TIMER.format(kind="timeDate")}</intermediateCatchEvent>', []),
        (f'<intermediateCatchEvent id="m">{TIMER.format(kind="timeCycle")}</intermediateCatchEvent>', []),
        ('<callActivity id="m" calledElement="${bean.which()}"/>', ["after"]),
        (
            '<task id="m"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">${bean.x()}</camunda:inputParameter></camunda:inputOutput></extensionElements></task>',
            ["after"],
        ),
    ],
)
def test_other_expressions_are_passed_over_and_stop_the_instance_elsewhere(element: str, before: list[str]) -> None:
    world = World(middle(element), lenient=True)
    world.start()
    assert (world.keys(), world.incidents()) == (before, {})
    if before == ["m"]:
        world.complete("m")
    elif not before:
        world.pass_time(hours=2)
    assert world.keys() == ["after"]
    strict = World(middle(element))
    strict.start()
    assert list(strict.incidents()) == ["m"]


def test_what_is_not_given_takes_the_place_of_nothing() -> None:
    outputs = '<camunda:outputParameter name="fine">${bean.isFine()}</camunda:outputParameter>'
    service = f'<serviceTask id="m" camunda:class="C"><extensionElements><camunda:inputOutput>{outputs}</camunda:inputOutput></extensionElements></serviceTask>'
    world = World(middle(service), lenient=True)
    world.start(fine=True)
    assert world.variables() == {"fine": True}
