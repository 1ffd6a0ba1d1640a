"""What can never work as it stands: refused at deployment, whatever else is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from engines.documents import Node, text_of
from engines.spiff.source import NAMES, refused

_CAUGHT = ("message", "signal", "timer", "conditional")
_EVENTS = {
    "intermediateCatchEvent": (*_CAUGHT, "link"),
    "boundaryEvent": (*_CAUGHT, "error", "escalation", "cancel", "compensate"),
    "startEvent": (*_CAUGHT, "error", "escalation", "compensate"),
    "intermediateThrowEvent": ("message", "signal", "escalation", "error", "link", "compensate"),
    "endEvent": ("message", "signal", "escalation", "error", "cancel", "terminate", "compensate"),
}
"""What each event can be about, as its definitions are named."""
_THEIRS = frozenset({"variableListenerEventDefinition", "eventType"})


def refuse(node: Node, name: str) -> None:
    """Refuse an element that can never work; raises `InvalidDefinition`."""
    if name in _EVENTS:
        _event(node, name)
    elif name in ("subProcess", "transaction") and node.find("bpmn:startEvent", NAMES) is None:
        raise refused(node, "nothing begins within it: it has no start event")
    elif name == "conditionalEventDefinition" and not text_of(node.find("bpmn:condition", NAMES)):
        raise refused(node.getparent(), "its condition is empty", node)


def refuse_outside(node: Node, what: str, said: Mapping[str, Any]) -> None:
    """Refuse a script that is a file elsewhere; raises `InvalidDefinition`."""
    if resource := said.get("resource"):
        raise refused(node, f"{what} is {resource!r}, and scripts outside of the file are not there")


def _event(node: Node, name: str) -> None:
    """An event that waits says for what, and none is about what such an event cannot be."""
    here = [etree.QName(one).localname for one in node if isinstance(one.tag, str)]
    about = [one.removesuffix("EventDefinition") for one in here if one.endswith("EventDefinition")]
    for one in about:
        if one not in _EVENTS[name]:
            raise refused(node, f"such an event cannot be one of {one}")
    begins = name == "startEvent" and node.getparent().get("triggeredByEvent") == "true"
    if not about and (begins or name in ("intermediateCatchEvent", "boundaryEvent")):
        raise refused(node, _waits_for_others(node) or "it does not say what it waits for")


def _waits_for_others(node: Node) -> str | None:
    """What an event of Flowable waits for that is not run here."""
    held = node.iterfind("bpmn:extensionElements/*", NAMES)
    said = [etree.QName(one).localname for one in held if isinstance(one.tag, str)]
    return next((f"it waits for what its {name!r} says, which is not run" for name in said if name in _THEIRS), None)
