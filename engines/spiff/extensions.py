"""What vendors let an element do beside its own work, as plain data: parameters, listeners, connectors."""

from __future__ import annotations

from typing import Any

from lxml import etree

from engines.spiff.source import Node
from engines.spiff.vendor import VENDORS, extension_elements

_LISTENERS = {"execution": "executionListener", "task": "taskListener"}


def input_output(node: Node) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Input and output parameters of an element: `{name, value}`, see `engines.spiff.activity.value`."""
    own = [inner for inner in extension_elements(node, "inputOutput") if inner.getparent().getparent() is node]
    found = [_parameters(own, kind) for kind in ("inputParameter", "outputParameter")]
    return found[0], found[1]


def connector(node: Node) -> dict[str, Any] | None:
    """A connector: `{id, inputs, outputs}`."""
    for inner in extension_elements(node, "connector"):
        parts = {etree.QName(part).localname: part for part in inner if isinstance(part.tag, str)}
        own = [parts["inputOutput"]] if "inputOutput" in parts else []
        name = (parts["connectorId"].text or "").strip() if "connectorId" in parts else ""
        return {
            "id": name,
            "inputs": _parameters(own, "inputParameter"),
            "outputs": _parameters(own, "outputParameter"),
        }
    return None


def listeners(node: Node, kind: str) -> list[dict[str, Any]]:
    """Execution or task listeners: `{event, expression | delegateExpression | class | script and format}`."""
    found = []
    for inner in extension_elements(node, _LISTENERS[kind]):
        if inner.getparent().getparent() is not node:
            continue
        said: dict[str, Any] = {name: text for name, text in inner.attrib.items() if not name.startswith("{")}
        for script in inner:
            if isinstance(script.tag, str) and etree.QName(script).localname == "script":
                said |= {"script": script.text or "", "format": script.get("scriptFormat")}
        found.append(said)
    return found


def _parameters(owners: list[Node], kind: str) -> list[dict[str, Any]]:
    return [
        {"name": inner.get("name"), "value": _value(inner)}
        for owner in owners
        for inner in owner
        if isinstance(inner.tag, str) and etree.QName(inner).localname == kind and inner.get("name")
    ]


def _value(node: Node) -> dict[str, Any]:
    inner = next((child for child in node if isinstance(child.tag, str) and _is_vendor(child)), None)
    if inner is None:
        return {"text": (node.text or "").strip()}
    name = etree.QName(inner).localname
    if name == "script":
        return {"script": inner.text or "", "format": inner.get("scriptFormat")}
    if name == "list":
        return {"list": [_item(child) for child in inner if isinstance(child.tag, str)]}
    if name == "map":
        return {"map": {child.get("key") or "": _value(child) for child in inner if isinstance(child.tag, str)}}
    return {"text": (inner.text or "").strip()}


def _item(node: Node) -> dict[str, Any]:
    name = etree.QName(node).localname
    if name == "script":
        return {"script": node.text or "", "format": node.get("scriptFormat")}
    return {"text": (node.text or "").strip()}


def _is_vendor(node: Node) -> bool:
    return etree.QName(node).namespace in VENDORS
