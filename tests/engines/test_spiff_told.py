"""What deployment tells: what can never work is refused with element and line, what will not work yet is warned of."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InvalidDefinition
from tests.engines.world import World, bpmn, flows

DISH = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="dish" name="Dish"><decisionTable id="t"><input id="i"><inputExpression id="ie"><text>season</text></inputExpression></input>
<output id="o" name="dish"/><rule id="r"><inputEntry id="a"><text>"Winter"</text></inputEntry><outputEntry id="b"><text>"Stew"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def middle(element: str, more: str = "") -> bytes:
    return bpmn(f'<startEvent id="s"/>\n{element}\n{more}<endEvent id="e"/>{flows("s", "x", "e")}')


REFUSED = {
    "a condition": (
        middle(
            '<exclusiveGateway id="x"/>',
            '<sequenceFlow id="bad" sourceRef="x" targetRef="e">\n<conditionExpression>${amount &gt;}</conditionExpression></sequenceFlow>',
        ),
        "bad",
        3,
        "the condition '${amount >}' cannot be read",
    ),
    "a FEEL condition": (
        middle(
            '<exclusiveGateway id="x"/>',
            '<sequenceFlow id="bad" sourceRef="x" targetRef="e"><conditionExpression>=amount &gt;</conditionExpression></sequenceFlow>',
        ),
        "bad",
        3,
        "cannot be read",
    ),
    "a script": (
        middle(
            '<scriptTask id="x" scriptFormat="groovy"><script>import java.io.File\nnew File("/etc/passwd")</script></scriptTask>'
        ),
        "x",
        2,
        "line 1",
    ),
    "a language": (middle('<scriptTask id="x" scriptFormat="ruby"><script>1</script></scriptTask>'), "x", 2, "ruby"),
    "a duration": (
        middle(
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>P1X</timeDuration></timerEventDefinition></intermediateCatchEvent>'
        ),
        "x",
        2,
        "unreadable timer",
    ),
    "a day that never comes": (
        middle(
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>0 0 0 30 2 ?</timeCycle></timerEventDefinition></intermediateCatchEvent>'
        ),
        "x",
        2,
        "never comes",
    ),
    "a cycle without a duration": (
        middle(
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R3/</timeCycle></timerEventDefinition></intermediateCatchEvent>'
        ),
        "x",
        2,
        "unreadable timer",
    ),
    "a cycle of nothing": (
        middle(
            '<intermediateCatchEvent id="x"><timerEventDefinition><timeCycle>R/PT0S</timeCycle></timerEventDefinition></intermediateCatchEvent>'
        ),
        "x",
        2,
        "no time to wait",
    ),
    "a timer that starts it": (
        bpmn(
            f'<startEvent id="s">\n<timerEventDefinition><timeDate>soon</timeDate></timerEventDefinition></startEvent><endEvent id="e"/>{flows("s", "e")}'
        ),
        "s",
        2,
        "unreadable timer",
    ),
    "a flow that leads nowhere": (
        middle('<userTask id="x"/>', '<sequenceFlow id="bad" sourceRef="x" targetRef="ghost"/>'),
        "bad",
        3,
        "'ghost', which is not in this file",
    ),
    "a message that is not there": (
        middle('<receiveTask id="x" messageRef="ghost"/>'),
        "x",
        2,
        "'ghost', which is not in this file",
    ),
    "a complex gateway": (middle('<complexGateway id="x"/>'), "x", 2, "inclusive or exclusive"),
    "an ad-hoc sub-process": (
        middle('<adHocSubProcess id="x"><userTask id="t"/></adHocSubProcess>'),
        "x",
        2,
        "no order",
    ),
    "a mapping": (
        middle(
            '<callActivity id="x" calledElement="p"><extensionElements><camunda:in sourceExpression="${1 +}" target="a"/></extensionElements></callActivity>'
        ),
        "x",
        2,
        "the mapping 'in'",
    ),
    "an input parameter": (
        middle(
            '<userTask id="x"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">${(}</camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>'
        ),
        "x",
        2,
        "the parameter 'a'",
    ),
    "a script outside of the file": (
        middle('<scriptTask id="x" scriptFormat="groovy" camunda:resource="a.groovy"/>'),
        "x",
        2,
        "outside of the file",
    ),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_with_element_line_and_reason(kind: str) -> None:
    source, element, line, reason = REFUSED[kind]
    with pytest.raises(InvalidDefinition) as refused:
        World(source)
    assert repr(element) in str(refused.value) or f" {element}:" in f" {refused.value}", refused.value
    assert reason in str(refused.value)
    assert refused.value.facts["line"] == line


WARNED = {
    "a service": ('<serviceTask id="x" camunda:class="org.Do"/>', "the service 'org.Do' is not registered"),
    "a service by its delegate": (
        '<sendTask id="x" camunda:delegateExpression="${mail}"/>',
        "the service 'mail' is not registered",
    ),
    "nothing": ('<serviceTask id="x"/>', "nothing says what it does"),
    "a connector": (
        '<serviceTask id="x"><extensionElements><camunda:connector><camunda:connectorId>http</camunda:connectorId></camunda:connector></extensionElements></serviceTask>',
        "the service 'http' is not registered",
    ),
    "a decision": ('<businessRuleTask id="x" camunda:decisionRef="dish"/>', "the decision 'dish' is not deployed"),
    "a called process": ('<callActivity id="x" calledElement="other"/>', "the process 'other' is not deployed"),
    "a bean": ('<serviceTask id="x" camunda:expression="${bean.call(1)}"/>', "`call`"),
    "an assignee": ('<userTask id="x" camunda:assignee="${bean.find(who)}"/>', "`find`"),
    "an assignee that cannot be read": ('<userTask id="x" camunda:assignee="${who"/>', "cannot be read"),
    "a listener": (
        '<userTask id="x"><extensionElements><camunda:taskListener event="claimed" expression="${1}"/></extensionElements></userTask>',
        "listener of 'claimed' is not run",
    ),
    "a listener's class": (
        '<userTask id="x"><extensionElements><camunda:taskListener event="create" class="org.Do"/></extensionElements></userTask>',
        "the service 'org.Do' is not registered",
    ),
    "an attribute": ('<userTask id="x" camunda:businessCalendarName="c"/>', "'businessCalendarName' is not run"),
    "a skip expression": ('<receiveTask id="x" camunda:skipExpression="${true}"/>', "receiveTask is not skipped"),
    "an unknown attribute": ('<userTask id="x" camunda:nonsense="1"/>', "'nonsense' is not known"),
    "a script of jBPM": (
        '<userTask id="x"><extensionElements><d:onEntry-script xmlns:d="http://www.jboss.org/drools"/></extensionElements></userTask>',
        "'onEntry-script' is not run",
    ),
    "a collection": (
        '<userTask id="x"><multiInstanceLoopCharacteristics camunda:collection="${bean.all()}"/></userTask>',
        "`all`",
    ),
    "an unknown extension": (
        '<userTask id="x"><extensionElements><camunda:nonsense/></extensionElements></userTask>',
        "'nonsense' is not known",
    ),
}


@pytest.mark.parametrize("kind", WARNED)
def test_warned_of_with_element_line_and_remedy(kind: str) -> None:
    element, text = WARNED[kind]
    told = World().act(lambda engine: engine.deploy(middle(element))).warnings
    assert [(one.element, one.line) for one in told] == [("x", 2)], told
    assert text in told[0].text
    assert told[0].remedy
    with pytest.raises(InvalidDefinition, match="'x'") as refused:
        World().act(lambda engine: engine.deploy(middle(element), strict=True))
    assert refused.value.facts["line"] == 2
    listed: Any = refused.value.facts["warnings"]
    assert [one["element"] for one in listed] == ["x"]


def test_what_is_there_is_not_warned_of() -> None:
    world = World(bpmn(f'<startEvent id="s"/><endEvent id="e"/>{flows("s", "e")}', "other"), {"org.Do": lambda _: None})
    world.act(lambda engine: engine.deploy(DISH))
    for kind in ("a service", "a decision", "a called process", "a listener's class"):
        assert world.act(lambda engine, kind=kind: engine.deploy(middle(WARNED[kind][0]))).warnings == [], kind  # type: ignore[misc]
    external = '<serviceTask id="x" camunda:type="external" camunda:topic="mail"/>'
    assert world.act(lambda engine: engine.deploy(middle(external), strict=True)).warnings == []


def test_files_that_are_deployed_together_know_each_other() -> None:
    other = bpmn(f'<startEvent id="s"/><endEvent id="e"/>{flows("s", "e")}', "other")
    world = World()
    told = world.act(lambda engine: engine.deploy(middle(WARNED["a called process"][0]), other, DISH, strict=True))
    assert [definition.key for definition in told.definitions] == ["p", "other"]
    assert (told.decisions, told.warnings) == ([("dish", 1)], [])


def test_what_nobody_executes_may_be_drawn_as_one_likes() -> None:
    drawn = '<process id="drawn" isExecutable="false"><startEvent id="ds"/><complexGateway id="dg"/></process><process'
    assert World(middle('<userTask id="x"/>').replace(b"<process", drawn.encode(), 1)).definitions[0].key == "p"


def test_a_decision_is_made_and_versions_are_bound() -> None:
    rule = '<businessRuleTask id="x" camunda:decisionRef="dish" camunda:mapDecisionResult="singleEntry" camunda:resultVariable="meal"{}/>'
    world = World()
    world.act(lambda engine: engine.deploy(DISH))
    newer = world.act(lambda engine: engine.deploy(DISH.replace(b"Stew", b"Roast")))
    assert newer.decisions == [("dish", 2)]
    after = '<userTask id="after"/>'
    for key, more, meal in (
        ("a", "", "Roast"),
        ("b", ' camunda:decisionRefBinding="version" camunda:decisionRefVersion="1"', "Stew"),
    ):
        body = f'<startEvent id="s"/>{rule.format(more)}{after}<endEvent id="e"/>{flows("s", "x", "after", "e")}'
        world.act(lambda engine, body=body, key=key: engine.deploy(bpmn(body, key)))  # type: ignore[misc]
        world.start(key, season="Winter")
        assert world.open()[-1].payload == {"season": "Winter", "meal": meal}
