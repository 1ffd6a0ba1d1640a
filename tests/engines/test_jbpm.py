"""Models of jBPM and Kogito: what is written in Java, and work that is only named."""

# ruff: noqa: E501 - BPMN reads better on one line

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.errors import InvalidDefinition
from engines.expressions.evaluate import ExpressionFailed
from engines.expressions.scripts import compile_script
from tests.engines.world import World, bpmn, flows

NOW = datetime(2026, 11, 22, tzinfo=UTC)
JAVA = 'language="http://www.java.com/java"'


def drools(body: str) -> bytes:
    return bpmn(body, attributes='xmlns:drools="http://www.jboss.org/drools"')


def asked(condition: str, said: str = JAVA) -> bytes:
    """A person, and a way that is taken where the condition holds."""
    flow = f'<sequenceFlow id="yes" sourceRef="g" targetRef="y"><conditionExpression {said}><![CDATA[{condition}]]></conditionExpression></sequenceFlow>'
    body = '<startEvent id="s"/><userTask id="t"/><exclusiveGateway id="g" default="no"/><userTask id="y"/><userTask id="n"/>'
    return drools(f'{body}{flows("s", "t", "g")}{flow}<sequenceFlow id="no" sourceRef="g" targetRef="n"/>')


def scripted(text: str, said: str = 'scriptFormat="http://www.java.com/java"') -> World:
    script = f'<scriptTask id="t" {said}><script><![CDATA[{text}]]></script></scriptTask><userTask id="u"/>'
    return World(drools(f'<startEvent id="s"/>{script}<endEvent id="e"/>{flows("s", "t", "u", "e")}'))


@pytest.mark.parametrize(
    ("condition", "way"),
    [
        ('return "yes".equalsIgnoreCase(answer);', "y"),
        ("return order.getAmount() > 10;", "n"),
        ("return !order.isUrgent();", "n"),
        ('return kcontext.getVariable("answer") == "Yes" && order.amount == 7;', "y"),
        ('return KieFunctions.equalsTo(answer, "Yes");', "y"),
        ('return KieFunctions.greaterThan(order.amount, "7");', "n"),
    ],
)
def test_a_condition_in_java(condition: str, way: str) -> None:
    world = World(asked(condition))
    world.start()
    world.complete("t", answer="Yes", order={"amount": 7, "urgent": True})
    assert world.keys() == [way]


@pytest.mark.parametrize("said", ["", 'language="http://www.mvel.org/2.0"'])
def test_what_returns_something_is_java_where_no_language_is_named(said: str) -> None:
    world = World(asked("return ok == true;", said))
    world.start()
    world.complete("t", ok=True)
    assert world.keys() == ["y"]


@pytest.mark.parametrize("uri", ["http://www.omg.org/spec/FEEL/20140401", "http://www.omg.org/spec/DMN/20180521/FEEL/"])
def test_a_condition_in_feel_by_its_address(uri: str) -> None:
    world = World(asked("amount in [1..9]", f'language="{uri}"'))
    world.start()
    world.complete("t", amount=7)
    assert world.keys() == ["y"]


def test_a_trial_is_asked_about_a_condition_as_it_is_written() -> None:
    told: list[tuple[str, str]] = []
    world = World(asked("return order.paid;"), lenient=True)
    world.services = replace(world.services, undecided=lambda *what: bool(told.append(what)))
    world.start()
    world.complete("t")
    assert (told, world.keys()) == ([("g", "return order.paid;")], ["n"])


def test_a_condition_in_a_language_that_is_not_run_names_it() -> None:
    said = "the condition in 'http://www.jboss.org/drools/rule' .*cannot be read"
    with pytest.raises(InvalidDefinition, match=said) as refusal:
        World(asked("$p : Person(name == $name)", 'language="http://www.jboss.org/drools/rule"'))
    assert refusal.value.facts["element"] == "yes"


@pytest.mark.parametrize("said", ['scriptFormat="http://www.java.com/java"', ""])
def test_a_script_in_java(said: str) -> None:
    world = scripted('System.out.println("at " + n); int more = n + 1; // one\nkcontext.setVariable("n", more);', said)
    world.start(n=1)
    assert world.variables() == {"n": 2}


def test_javascript_by_its_address() -> None:
    world = scripted('kcontext.setVariable("n", [1, 2].length);', 'scriptFormat="http://www.javascript.com/javascript"')
    world.start()
    assert world.variables() == {"n": 2}


def test_what_of_java_is_not_run_is_refused_with_its_line() -> None:
    with pytest.raises(InvalidDefinition, match="line 2: `class` is not understood"):
        scripted("int n = 1;\nclass Other {}")


def test_a_task_that_names_its_work_is_a_service() -> None:
    task = '<startEvent id="s"/><task id="t" drools:taskName="{}"/><userTask id="u"/><endEvent id="e"/>' + flows(
        "s", "t", "u", "e"
    )
    world = World(drools(task.format("Email")), {"Email": lambda variables: {"sent": variables["to"]}})
    world.start(to="ann")
    assert world.variables()["sent"] == "ann"
    world = World(drools(task.format("Manual Task")))
    world.start()
    assert world.keys() == ["u"]


@pytest.mark.parametrize(
    "said", ['drools:serviceinterface="org.acme.Drivers" drools:serviceoperation="find"', 'operationRef="op"']
)
def test_an_operation_of_java_is_a_service_of_its_class_and_method(said: str) -> None:
    named = b'<interface id="i" name="org.acme.Drivers"><operation id="op" name="find"/></interface><process'
    task = f'<startEvent id="s"/><serviceTask id="t" implementation="Java" {said}/><userTask id="u"/><endEvent id="e"/>'
    source = drools(task + flows("s", "t", "u", "e")).replace(b"<process", named)
    world = World(source, {"org.acme.Drivers.find": lambda _variables: {"driver": "ann"}})
    world.start()
    assert world.variables() == {"driver": "ann"}
    world = World(source)
    world.start()
    assert world.incidents() == {"t": "the service 'org.acme.Drivers.find' of 't' is not registered"}


def test_an_unspecified_implementation_is_none() -> None:
    world = World(
        drools(f'<startEvent id="s"/><businessRuleTask id="t" implementation="##unspecified"/>{flows("s", "t")}')
    )
    world.start()
    assert world.incidents() == {"t": "nothing says what 't' does: it names no service"}


@pytest.mark.parametrize(
    ("call", "holds"),
    [
        ("isNull(nothing)", True),
        ("isNull(text)", False),
        ('isEmpty("")', True),
        ("isTrue(yes)", True),
        ("isTrue(text)", False),
        ("isFalse(yes)", False),
        ("equals(n, 7)", True),
        ('equalsTo(n, "7.0")', True),
        ('equalsTo(yes, "true")', True),
        ('equalsTo(nothing, "")', False),
        ('between(n, "1", "7")', True),
        ('greaterOrEqualThan(n, "7")', True),
        ('lessThan(n, "7")', False),
        ('lessOrEqualThan(n, "7")', True),
        ('contains(text, "b")', True),
        ('startsWith(text, "b")', False),
        ('endsWith(text, "c")', True),
    ],
)
def test_what_the_editor_writes_into_conditions(call: str, holds: bool) -> None:
    scope = {"nothing": None, "text": "abc", "n": 7, "yes": True}
    assert compile_script(f"return KieFunctions.{call};", "groovy").run(scope, NOW).result is holds


def test_what_is_no_number_is_not_compared() -> None:
    with pytest.raises(ExpressionFailed, match="'abc' is not a number"):
        compile_script('return KieFunctions.lessThan("abc", 7);', "groovy").run({}, NOW)
