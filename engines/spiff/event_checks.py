"""What events can be about: what can never come, or never be thrown, is refused at deployment."""

from __future__ import annotations

from lxml import etree

from engines.documents import Node
from engines.spiff.source import refused

_CAUGHT = ("message", "signal", "timer", "conditional")
_EVENTS = {
    "intermediateCatchEvent": (*_CAUGHT, "link"),
    "boundaryEvent": (*_CAUGHT, "error", "escalation", "cancel", "compensate"),
    "startEvent": (*_CAUGHT, "error", "escalation", "compensate"),
    "intermediateThrowEvent": ("message", "signal", "escalation", "error", "link", "compensate"),
    "endEvent": ("message", "signal", "escalation", "error", "cancel", "terminate", "compensate"),
}
"""What each event can be about, as its definitions are named."""


def refuse_event(node: Node, name: str) -> None:
    """An event that waits says for what, and none is about what such an event cannot be; raises `InvalidDefinition`."""
    if name not in _EVENTS:
        return
    here = [etree.QName(one).localname for one in node if isinstance(one.tag, str)]
    about = [one.removesuffix("EventDefinition") for one in here if one.endswith("EventDefinition")]
    for one in about:
        if one not in _EVENTS[name]:
            raise refused(node, f"such an event cannot be one of {one}")
    begins = name == "startEvent" and node.getparent().get("triggeredByEvent") == "true"
    if not about and (begins or name in ("intermediateCatchEvent", "boundaryEvent")):
        raise refused(node, "it does not say what it waits for")
