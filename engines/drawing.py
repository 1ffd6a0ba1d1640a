"""What of a model is its picture: elements, names and where they are drawn, and nothing of how it is run."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engines.documents import Node, parsed
from engines.spiff.source import MODEL

_INTERCHANGE = frozenset(
    f"http://www.omg.org/spec/{name}" for name in ("BPMN/20100524/DI", "DD/20100524/DC", "DD/20100524/DI")
)
_COLOURS = frozenset(
    ("http://bpmn.io/schema/bpmn/biocolor/1.0", "http://www.omg.org/spec/BPMN/non-normative/color/1.0")
)
_DRAWN = frozenset(
    (
        *("definitions", "process", "collaboration", "participant", "participantMultiplicity", "messageFlow"),
        *("laneSet", "lane", "childLaneSet", "flowNodeRef", "sequenceFlow", "incoming", "outgoing"),
        *("task", "userTask", "serviceTask", "scriptTask", "manualTask", "businessRuleTask", "sendTask", "receiveTask"),
        *("subProcess", "adHocSubProcess", "transaction", "callActivity"),
        *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"),
        *("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway"),
        *("cancelEventDefinition", "compensateEventDefinition", "conditionalEventDefinition", "errorEventDefinition"),
        *("escalationEventDefinition", "linkEventDefinition", "messageEventDefinition", "signalEventDefinition"),
        *("terminateEventDefinition", "timerEventDefinition"),
        *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"),
        *("dataObject", "dataObjectReference", "dataStore", "dataStoreReference"),
        *("dataInputAssociation", "dataOutputAssociation", "sourceRef", "targetRef"),
        *("textAnnotation", "text", "association", "group", "category", "categoryValue"),
    )
)
_SAID = frozenset(("flowNodeRef", "incoming", "outgoing", "sourceRef", "targetRef", "text"))
"""Elements whose text is drawn, or names what is."""
_ATTRIBUTES = frozenset(
    (
        *("id", "name", "targetNamespace", "isExecutable", "processRef", "sourceRef", "targetRef", "attachedToRef"),
        *("cancelActivity", "isInterrupting", "triggeredByEvent", "isForCompensation", "isSequential", "default"),
        *("eventGatewayType", "instantiate", "parallelMultiple", "associationDirection", "isCollection"),
        *("dataObjectRef", "dataStoreRef", "categoryValueRef", "value", "minimum", "maximum"),
    )
)
_INTERCHANGED = frozenset(
    (
        *("BPMNDiagram", "BPMNPlane", "BPMNShape", "BPMNEdge", "BPMNLabel", "BPMNLabelStyle"),
        *("Bounds", "Font", "Point", "waypoint"),
    )
)
_PLACED = frozenset(
    (
        *("id", "name", "bpmnElement", "isHorizontal", "isExpanded", "isMarkerVisible", "isMessageVisible"),
        *("messageVisibleKind", "participantBandKind", "choreographyActivityShape", "labelStyle", "sourceElement"),
        *("targetElement", "x", "y", "width", "height", "resolution"),
        *("size", "isBold", "isItalic", "isUnderline", "isStrikeThrough"),
    )
)
"""Attributes of what says where elements are drawn."""
EDITION = 2
"""Of what is kept: another one is another picture of the same model."""


def drawing(source: bytes) -> str:
    """A BPMN document without all that is not drawn; raises `InvalidDefinition`.

    What is kept is listed: whatever else an engine's vendor writes into models may be secret.
    """
    root = parsed(source)
    for node in list(_left_out(root)):
        node.getparent().remove(node)
    for node in root.iter():
        _strip(node)
    etree.cleanup_namespaces(root)
    return str(etree.tostring(root, encoding="unicode"))


def _left_out(root: Node) -> Iterator[Node]:
    for node in root.iterchildren():
        if _is_drawn(node):
            yield from _left_out(node)
        else:
            yield node


def _is_drawn(node: Node) -> bool:
    if not isinstance(node.tag, str):
        return False
    name = etree.QName(node)
    if name.namespace in _INTERCHANGE:
        return name.localname in _INTERCHANGED
    return bool(name.namespace == MODEL and name.localname in _DRAWN)


def _strip(node: Node) -> None:
    name = etree.QName(node)
    for attribute in list(node.attrib):
        of = etree.QName(attribute)
        plain = of.namespace is None and of.localname in (_ATTRIBUTES if name.namespace == MODEL else _PLACED)
        if not plain and of.namespace not in _COLOURS:
            del node.attrib[attribute]
    node.tail = None
    if name.namespace != MODEL or name.localname not in _SAID:
        node.text = None
