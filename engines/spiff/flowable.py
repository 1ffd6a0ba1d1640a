"""What Flowable and Activiti say their own way, said in the words of Camunda 7."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from engines.documents import Node, text_of
from engines.spiff.source import NAMES, tag

_THEIRS = ("http://flowable.org/bpmn", "http://activiti.org/bpmn")
_DECISIONS = frozenset({"decisionTableReferenceKey", "decisionServiceReferenceKey"})
OUTPUTS = "outputs"
"""How the result of a decision is mapped that sets each of its outputs as a variable."""
Say = Callable[[Node, str, str | None], None]


def rewrite(root: Node, say: Say) -> None:
    """Rewrite the document in place; `say` gives an element one of Camunda's attributes."""
    for node in root.iter(*map(tag, ("serviceTask", "sendTask", "businessRuleTask"))):
        if _said(node, "type") == "dmn" and (key := _decision(node)):
            say(node, "decisionRef", key)
            say(node, "mapDecisionResult", OUTPUTS)
        say(node, "asyncAfter", _said(node, "asyncLeave"))
    for node in root.iter(tag("callActivity")):
        if _said(node, "inheritVariables") == "true":
            _hand_over(node, "variables", "all")
        if _said(node, "inheritBusinessKey") == "true":
            _hand_over(node, "businessKey", "#{execution.processBusinessKey}")


def _said(node: Node, name: str) -> str | None:
    return next((text for space in _THEIRS if (text := node.get(f"{{{space}}}{name}")) is not None), None)


def _decision(node: Node) -> str | None:
    """The decision that a field names."""
    for space in _THEIRS:
        for field in node.iterfind(f"bpmn:extensionElements/{{{space}}}field", NAMES):
            if field.get("name") in _DECISIONS:
                inner = next((text_of(one) for one in field if isinstance(one.tag, str)), None)
                return field.get("stringValue") or field.get("expression") or inner
    return None


def _hand_over(node: Node, name: str, text: str) -> None:
    held = node.find("bpmn:extensionElements", NAMES)
    if held is None:
        held = etree.Element(tag("extensionElements"))
        node.insert(0, held)
    etree.SubElement(held, f"{{{_THEIRS[0]}}}in").set(name, text)
