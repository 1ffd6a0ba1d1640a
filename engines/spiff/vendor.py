"""What vendors add to BPMN: attributes and forms of Camunda, Activiti, Flowable and their kin, by local name."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from engines.spiff.form_fields import field
from engines.spiff.source import NAMES, Node

VENDORS = frozenset(
    {
        "http://camunda.org/schema/1.0/bpmn",
        "http://activiti.org/bpmn",
        "http://flowable.org/bpmn",
        "http://operaton.org/schema/1.0/bpmn",
        "urn:taskpool:bpmn",
    }
)
_OWNER = re.compile(r"(?:(user|group)\(([^()]*)\)|([^,()]+))\s*(?:,|$)")


def attributes(node: Node) -> dict[str, str]:
    """Every vendor attribute of an element."""
    named = ((etree.QName(name), text) for name, text in node.attrib.items() if name.startswith("{"))
    return {name.localname: text for name, text in named if name.namespace in VENDORS}


def extension_elements(node: Node, *names: str) -> list[Node]:
    """The vendor elements of these local names among an element's own extensions."""
    found = node.iterfind("bpmn:extensionElements//*", NAMES)
    return [inner for inner in found if isinstance(inner.tag, str) and _is_vendor(inner, names)]


def form_fields(node: Node) -> list[dict[str, Any]]:
    """The fields of an embedded form, see `form_fields.field`."""
    return [field(one) for one in extension_elements(node, "formField", "formProperty") if one.get("id")]


def mappings(node: Node, direction: str) -> list[dict[str, str]]:
    """What a call activity hands over: `in` or `out` elements as their attributes."""
    return [dict(inner.attrib) for inner in extension_elements(node, direction)]


def owners(node: Node) -> dict[str, str]:
    """`bpmn:humanPerformer` and `bpmn:potentialOwner` as assignee, candidateUsers and candidateGroups."""
    performer = _resource(node, "humanPerformer")
    offered = [
        (kind, (name or plain).strip()) for kind, name, plain in _OWNER.findall(_resource(node, "potentialOwner"))
    ]
    users = ",".join(name for kind, name in offered if kind == "user")
    # the standard leaves open what a plain name is; Camunda takes it for a group
    groups = ",".join(name for kind, name in offered if kind != "user")
    found = {"assignee": performer, "candidateUsers": users, "candidateGroups": groups}
    return {name: text for name, text in found.items() if text}


def documentation(node: Node) -> str | None:
    """An element's own documentation."""
    found = node.find("bpmn:documentation", NAMES)
    return found.text.strip() if found is not None and found.text and found.text.strip() else None


def _is_vendor(node: Node, names: tuple[str, ...]) -> bool:
    name = etree.QName(node)
    return name.localname in names and name.namespace in VENDORS


def _resource(node: Node, role: str) -> str:
    path = f"bpmn:{role}/bpmn:resourceAssignmentExpression/bpmn:formalExpression"
    return ",".join((found.text or "").strip() for found in node.iterfind(path, NAMES))
