"""What vendors add to BPMN: attributes and forms of Camunda, Activiti, Flowable and their kin, by local name."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from engines.documents import Node
from engines.spiff.dialects import VENDORS
from engines.spiff.extensions import (
    attributes,
    camunda_properties,
    connector,
    external,
    fields,
    input_output,
    listeners,
)
from engines.spiff.form_fields import field
from engines.spiff.source import NAMES

__all__ = [
    "attributes",
    "camunda_properties",
    "connector",
    "documentation",
    "extension_elements",
    "external",
    "fields",
    "form_fields",
    "input_output",
    "listeners",
    "mappings",
    "owners",
    "parts",
    "starters",
]
_OWNER = re.compile(r"(user|group)\((.*)\)", re.DOTALL)


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
    users, groups = _named(_resource(node, "bpmn:potentialOwner"))
    found = {"assignee": _resource(node, "bpmn:humanPerformer"), "candidateUsers": users, "candidateGroups": groups}
    return {name: text for name, text in found.items() if text}


def starters(process: Node) -> tuple[str, str]:
    """Users and groups that may start a process, comma-separated: its attributes, and its `potentialStarter`."""
    said = attributes(process)
    named = [_named(_resource(one, ".")) for one in extension_elements(process, "potentialStarter")]
    users = [said.get("candidateStarterUsers", ""), *(one for one, _ in named)]
    groups = [said.get("candidateStarterGroups", ""), *(one for _, one in named)]
    return ",".join(users), ",".join(groups)


def documentation(node: Node) -> str | None:
    """An element's own documentation."""
    found = node.find("bpmn:documentation", NAMES)
    return found.text.strip() if found is not None and found.text and found.text.strip() else None


def parts(text: str) -> list[str]:
    """Split at the commas outside of brackets of any kind."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter in "({[") - (letter in ")}]" and depth > 0)
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return [part.strip() for part in found if part.strip()]


def _named(text: str) -> tuple[str, str]:
    """The users and the groups of a resource assignment."""
    offered = [_offered(part) for part in parts(text)]
    users = ",".join(name for kind, name in offered if kind == "user")
    # the standard leaves open what a plain name is; Camunda takes it for a group
    return users, ",".join(name for kind, name in offered if kind != "user")


def _offered(text: str) -> tuple[str, str]:
    named = _OWNER.fullmatch(text)
    return (named[1], named[2].strip()) if named else ("", text)


def _is_vendor(node: Node, names: tuple[str, ...]) -> bool:
    name = etree.QName(node)
    return name.localname in names and name.namespace in VENDORS


def _resource(node: Node, role: str) -> str:
    path = f"{role}/bpmn:resourceAssignmentExpression/bpmn:formalExpression"
    return ",".join((found.text or "").strip() for found in node.iterfind(path, NAMES))
