"""What is given of a model to people who are not operators: its picture, and nothing of how it is run."""

import pytest
from lxml import etree

from domain.errors import InvalidDefinition
from engines.drawing import drawing

MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SECRET = "s3cret"
TIMER = f"<timerEventDefinition><timeDuration>{SECRET}</timeDuration></timerEventDefinition>"
WHOLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x" exporter="{SECRET}"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">
  <!-- {SECRET} --><?hidden {SECRET}?>
  <process id="p" name="Pay" camunda:candidateStarterGroups="{SECRET}">
    <documentation>{SECRET}</documentation>
    <extensionElements><zeebe:secret>{SECRET}</zeebe:secret></extensionElements>
    <ioSpecification><dataInput name="{SECRET}"/></ioSpecification>
    <startEvent id="s"><outgoing>f</outgoing></startEvent>
    <serviceTask id="call" name="Call the bank" camunda:expression="${{{SECRET}}}" implementation="{SECRET}">
      <extensionElements><camunda:executionListener expression="{SECRET}"/></extensionElements>
      <multiInstanceLoopCharacteristics isSequential="true" camunda:collection="{SECRET}">
        <loopCardinality>{SECRET}</loopCardinality><completionCondition>{SECRET}</completionCondition>
      </multiInstanceLoopCharacteristics>
    </serviceTask>
    <scriptTask id="script" scriptFormat="{SECRET}"><script>{SECRET}</script></scriptTask>
    <boundaryEvent id="b" attachedToRef="call" cancelActivity="false">{TIMER}</boundaryEvent>
    <sequenceFlow id="f" name="always" sourceRef="s" targetRef="call">
      <conditionExpression>{SECRET}</conditionExpression>
    </sequenceFlow>
    <textAnnotation id="a"><text>Ask twice</text></textAnnotation>
    <zeebe:anything>{SECRET}</zeebe:anything>
  </process>
  <message id="m" name="{SECRET}"/>
  <bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl" bpmnElement="p">
    <bpmndi:BPMNShape id="sh" bpmnElement="call" color:border-color="#f00"><dc:Bounds x="1" y="2" width="3" height="4"/>
    </bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</definitions>""".encode()


def test_nothing_is_left_of_how_it_is_run():
    assert SECRET not in drawing(WHOLE)
    assert "camunda" not in drawing(WHOLE)


def test_names_and_the_picture_are_left():
    root = etree.fromstring(drawing(WHOLE))
    found = {node.get("id"): node for node in root.iter() if node.get("id")}
    assert found["call"].get("name") == "Call the bank"
    assert found["call"].find(f"{MODEL}multiInstanceLoopCharacteristics").get("isSequential") == "true"
    assert dict(found["b"].attrib) == {"id": "b", "attachedToRef": "call", "cancelActivity": "false"}
    assert [etree.QName(one).localname for one in found["b"]] == ["timerEventDefinition"]
    assert dict(found["f"].attrib) == {"id": "f", "name": "always", "sourceRef": "s", "targetRef": "call"}
    assert found["a"].findtext(f"{MODEL}text") == "Ask twice"
    assert found["s"].findtext(f"{MODEL}outgoing") == "f"
    assert "#f00" in found["sh"].attrib.values()
    assert found["sh"][0].get("width") == "3"


def test_what_is_no_xml_is_refused():
    with pytest.raises(InvalidDefinition):
        drawing(b"<definitions")
