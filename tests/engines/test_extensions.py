"""Parameters, listeners, connectors and fields, read as plain data."""

# ruff: noqa: E501 - BPMN reads better on one line

import pytest
from lxml import etree

from domain.errors import InvalidDefinition
from engines.spiff import vendor


def node(text, more="", prefix="camunda"):
    return etree.fromstring(
        '<userTask xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
        f' xmlns:flowable="http://flowable.org/bpmn" {more}><extensionElements>{text}</extensionElements></userTask>'
    )


def test_parameters():
    inputs, outputs = vendor.input_output(
        node(
            '<camunda:inputOutput><camunda:inputParameter name="a">${x}</camunda:inputParameter>'
            '<camunda:inputParameter name="b"><camunda:list><camunda:value>1</camunda:value><camunda:script'
            ' scriptFormat="groovy">2 + 2</camunda:script></camunda:list></camunda:inputParameter>'
            '<camunda:inputParameter name="c"><camunda:map><camunda:entry key="k">v</camunda:entry><camunda:entry key="l">'
            "<camunda:list/></camunda:entry></camunda:map></camunda:inputParameter>"
            '<camunda:inputParameter name="d"/>'
            '<camunda:outputParameter name="e"><camunda:script scriptFormat="javascript" resource="deployment://e.js"/>'
            "</camunda:outputParameter></camunda:inputOutput>"
        )
    )
    assert inputs == [
        {"name": "a", "value": {"text": "${x}"}},
        {"name": "b", "value": {"list": [{"text": "1"}, {"script": "2 + 2", "format": "groovy"}]}},
        {"name": "c", "value": {"map": {"k": {"text": "v"}, "l": {"list": []}}}},
        {"name": "d", "value": {"text": None}},
    ]
    script = {"script": "", "format": "javascript", "resource": "deployment://e.js"}
    assert outputs == [{"name": "e", "value": script}]
    assert vendor.input_output(node("")) == ([], [])


def test_parameters_are_not_nested_without_end():
    deep = "<camunda:list>" * 30 + "</camunda:list>" * 30
    with pytest.raises(InvalidDefinition, match="more than 20 deep"):
        vendor.input_output(
            node(
                f'<camunda:inputOutput><camunda:inputParameter name="a">{deep}</camunda:inputParameter></camunda:inputOutput>'
            )
        )


def test_a_connector_has_parameters_of_its_own():
    found = node(
        "<camunda:connector><camunda:connectorId>http</camunda:connectorId><camunda:inputOutput>"
        '<camunda:inputParameter name="url">http://x</camunda:inputParameter></camunda:inputOutput></camunda:connector>'
    )
    inputs = [{"name": "url", "value": {"text": "http://x"}}]
    assert vendor.connector(found) == {"id": "http", "inputs": inputs, "outputs": []}
    assert vendor.input_output(found) == ([], [])
    assert vendor.connector(node("")) is None


def test_listeners():
    found = node(
        '<camunda:executionListener event="start" expression="${a.b()}"/>'
        '<camunda:taskListener event="create" class="org.X"><camunda:field name="f" stringValue="s"/>'
        '<camunda:field name="g"><camunda:expression>${y}</camunda:expression></camunda:field></camunda:taskListener>'
        '<camunda:taskListener event="complete"><camunda:script scriptFormat="groovy">x = 1</camunda:script>'
        '</camunda:taskListener><camunda:taskListener event="timeout" delegateExpression="${late}"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></camunda:taskListener>"
    )
    assert vendor.listeners(found) == [{"event": "start", "fields": [], "expression": "${a.b()}"}]
    fields = [{"name": "f", "text": "s"}, {"name": "g", "expression": "${y}"}]
    assert vendor.listeners(found, "task") == [
        {"event": "create", "fields": fields, "class": "org.X"},
        {"event": "complete", "fields": [], "script": "x = 1", "format": "groovy"},
        {"event": "timeout", "fields": [], "delegateExpression": "${late}", "timer": {"timeDuration": "PT1H"}},
    ]


def test_fields_properties_and_topics():
    found = node(
        '<flowable:field name="to"><flowable:string>ann</flowable:string></flowable:field>'
        '<flowable:field name="from" expression="${boss}"/>'
        '<camunda:properties><camunda:property name="a" value="1"/></camunda:properties>',
        'camunda:type="external" camunda:topic="mail"',
    )
    assert vendor.fields(found) == [{"name": "to", "text": "ann"}, {"name": "from", "expression": "${boss}"}]
    assert vendor.camunda_properties(found) == {"a": "1"}
    assert vendor.external(found) == "mail"
    assert vendor.external(node("", 'camunda:topic="mail"')) is None
