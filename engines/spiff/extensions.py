"""Parameters, listeners, connectors and fields that vendors hang on BPMN elements, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from lxml import etree

from domain.errors import InvalidDefinition
from engines.documents import Node
from engines.spiff.dialects import VENDORS
from engines.spiff.retries import CYCLE
from engines.spiff.source import NAMES

MAX_DEPTH = 20
"""How deep lists and maps of a parameter may be nested."""
_ACTIONS = ("expression", "delegateExpression", "class")


def attributes(node: Node) -> dict[str, str]:
    """Every vendor attribute of an element."""
    named = ((etree.QName(name), text) for name, text in node.attrib.items() if name.startswith("{"))
    return {name.localname: text for name, text in named if name.namespace in VENDORS}


def input_output(node: Node) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The input and the output parameters: `{name, value}`, where value is one of
    `{text}`, `{script, format}`, `{list: [value]}`, `{map: {key: value}}`.
    """  # noqa: D205 - the shape is the sentence
    return _parameters(_own(node))


def listeners(node: Node, kind: Literal["execution", "task"] = "execution") -> list[dict[str, Any]]:
    """What is called at an event: `{event, fields}` with `expression`, `delegateExpression`, `class` or `script` and
    `format`, and for a timeout `timer: {timeDuration|timeDate|timeCycle: text}`.
    """  # noqa: D205 - the shape is the sentence
    return [_listener(one) for one in _named(_own(node), f"{kind}Listener")]


def connector(node: Node) -> dict[str, Any] | None:
    """The connector of an element: `{id, inputs, outputs}`; None where it has none."""
    for one in _named(_own(node), "connector"):
        inputs, outputs = _parameters(_vendors(one))
        return {"id": _text(next(_named(_vendors(one), "connectorId"), None)), "inputs": inputs, "outputs": outputs}
    return None


def fields(node: Node) -> list[dict[str, Any]]:
    """What is injected into a delegate: `{name, text}` or `{name, expression}`."""
    return [_field(one) for one in _named(_own(node), "field")]


def retry_cycle(node: Node) -> str | None:
    """How often, and with which pauses, an element that fails is tried."""
    return _text(next(_named(_own(node), CYCLE), None))


def external(node: Node) -> str | None:
    """The topic on which workers fetch this; None of what nobody fetches."""
    definition = node.find("bpmn:messageEventDefinition", NAMES)
    for said in (attributes(one) for one in (node, definition) if one is not None):
        if said.get("type") == "external":
            return said.get("topic")
    return None


def camunda_properties(node: Node) -> dict[str, str | None]:
    """The properties of an element by name."""
    held = (one for inner in _named(_own(node), "properties") for one in _named(_vendors(inner), "property"))
    return {one.get("name") or one.get("id"): one.get("value") for one in held if one.get("name") or one.get("id")}


def of_element(node: Node) -> dict[str, Any]:
    """What vendors let an element say, where it says it."""
    inputs, outputs = input_output(node)
    found: dict[str, Any] = {"inputs": inputs, "outputs": outputs, "listeners": listeners(node, "execution")}
    found |= {"fields": fields(node), CYCLE: retry_cycle(node)}
    if called := connector(node):
        found |= {"connector": called["id"]}
        found["inputs"] = inputs + called["inputs"]
        found["outputs"] = called["outputs"] + outputs
    return {**attributes(node), **{name: value for name, value in found.items() if value}}


def _own(node: Node) -> list[Node]:
    return [inner for held in node.iterfind("bpmn:extensionElements", NAMES) for inner in _vendors(held)]


def _vendors(node: Node) -> list[Node]:
    return [inner for inner in node if isinstance(inner.tag, str) and etree.QName(inner).namespace in VENDORS]


def _named(nodes: list[Node], name: str) -> Iterator[Node]:
    return (node for node in nodes if etree.QName(node).localname == name)


def _parameters(nodes: list[Node]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    held = [inner for one in _named(nodes, "inputOutput") for inner in _vendors(one)]
    found = (
        [{"name": one.get("name"), "value": _value(one, 0)} for one in _named(held, f"{way}Parameter")]
        for way in ("input", "output")
    )
    inputs, outputs = found
    return inputs, outputs


def _value(node: Node, depth: int) -> dict[str, Any]:
    """What stands in a parameter, in an entry of a map, or itself in a list."""
    inner = next(iter(_vendors(node)), None)
    return {"text": _text(node)} if inner is None else _structured(inner, depth)


def _structured(node: Node, depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        raise InvalidDefinition(f"a parameter is nested more than {MAX_DEPTH} deep", line=node.sourceline)
    match etree.QName(node).localname:
        case "script":
            return _script(node)
        case "list":
            return {"list": [_structured(one, depth + 1) for one in _vendors(node)]}
        case "map":
            return {"map": {one.get("key"): _value(one, depth + 1) for one in _named(_vendors(node), "entry")}}
    return {"text": _text(node)}


def _script(node: Node) -> dict[str, Any]:
    found = {"script": node.text or "", "format": node.get("scriptFormat") or node.get("language")}
    return found | ({"resource": node.get("resource")} if node.get("resource") else {})


def _listener(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {
        "event": node.get("event"),
        "fields": [_field(one) for one in _named(_vendors(node), "field")],
    }
    found |= {name: node.get(name) for name in _ACTIONS if node.get(name)}
    for script in _named(_vendors(node), "script"):
        found |= _script(script)
    timer = node.find("bpmn:timerEventDefinition", NAMES)
    if timer is not None:
        found["timer"] = {etree.QName(one).localname: _text(one) for one in timer if isinstance(one.tag, str)}
    return found


def _field(node: Node) -> dict[str, Any]:
    for attribute, element, key in (("expression", "expression", "expression"), ("stringValue", "string", "text")):
        inner = next(_named(_vendors(node), element), None)
        if node.get(attribute) is not None or inner is not None:
            return {"name": node.get("name"), key: node.get(attribute) or _text(inner)}
    return {"name": node.get("name"), "text": None}


def _text(node: Node) -> str | None:
    return (node.text or "").strip() or None if node is not None else None
