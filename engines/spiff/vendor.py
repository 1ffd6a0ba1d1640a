"""What vendors add to BPMN: attributes and forms of Camunda, Activiti, Flowable and their kin, by local name."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from engines.documents import Node
from engines.forms import IN_MODEL, embedded
from engines.spiff.dialects import VENDORS, ZEEBE
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
    "assigned",
    "attributes",
    "camunda_properties",
    "connector",
    "documentation",
    "extension_elements",
    "external",
    "fields",
    "form_fields",
    "forms_in",
    "input_output",
    "listeners",
    "mappings",
    "owners",
    "parts",
    "starters",
]
LONGEST_DOCUMENTATION = 50_000
_OWNER = re.compile(r"(user|group)\((.*)\)", re.DOTALL)


def extension_elements(node: Node, *names: str) -> list[Node]:
    """The vendor elements of these local names among an element's own extensions."""
    found = node.iterfind("bpmn:extensionElements//*", NAMES)
    return [inner for inner in found if isinstance(inner.tag, str) and _is_vendor(inner, names)]


def form_fields(node: Node) -> list[dict[str, Any]]:
    """The fields of an embedded form, see `form_fields.field`; raises `InvalidDefinition`."""
    own = [field(one) for one in extension_elements(node, "formField", "formProperty") if one.get("id")]
    return own + [dict(one) for text in _in_file(node) for one in embedded(text)]


def forms_in(root: Node, key: str) -> list[str | None]:
    """The form of Camunda 8 of that id which stands in a model."""
    return [one.text for one in root.iter(f"{{{ZEEBE}}}userTaskForm") if one.get("id") == key]


def mappings(node: Node, direction: str) -> list[dict[str, str]]:
    """What a call activity hands over: `in` or `out` elements as their attributes."""
    return [dict(inner.attrib) for inner in extension_elements(node, direction)]


def owners(node: Node) -> dict[str, str]:
    """`bpmn:humanPerformer` and `bpmn:potentialOwner` as assignee, candidateUsers and candidateGroups."""
    users, groups = _named(_resource(node, "bpmn:potentialOwner"))
    found = {"assignee": _resource(node, "bpmn:humanPerformer"), "candidateUsers": users, "candidateGroups": groups}
    return {name: text for name, text in found.items() if text}


def assigned(node: Node) -> dict[str, str]:
    """Who a user task is for: what attributes say, and beside them the owners of BPMN itself."""
    said, found = attributes(node), owners(node)
    for name in ("candidateUsers", "candidateGroups"):
        if name in found and (more := said.get(name)):
            found[name] = more if more.startswith("=") else f"{found[name]},{more}"
    return {**said, **found}


def starters(process: Node) -> tuple[str, str]:
    """Users and groups that may start a process, comma-separated: its attributes, and its `potentialStarter`."""
    said = attributes(process)
    named = [_named(_resource(one, ".")) for one in extension_elements(process, "potentialStarter")]
    users = [said.get("candidateStarterUsers", ""), *(one for one, _ in named)]
    groups = [said.get("candidateStarterGroups", ""), *(one for _, one in named)]
    return ",".join(users), ",".join(groups)


def documentation(node: Node) -> str | None:
    """An element's own documentation, its parts as paragraphs; of a very long one the beginning."""
    found = [(one.text or "").strip() for one in node.iterfind("bpmn:documentation", NAMES)]
    return "\n\n".join(filter(None, found))[:LONGEST_DOCUMENTATION] or None


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


def _in_file(node: Node) -> list[str | None]:
    """The form of Camunda 8 that stands in the process, where the element names one."""
    key = attributes(node).get("formKey") or ""
    return forms_in(node.getroottree().getroot(), key.removeprefix(IN_MODEL)) if key.startswith(IN_MODEL) else []


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
