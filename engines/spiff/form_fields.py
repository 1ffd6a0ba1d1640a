"""The fields of the forms that a model describes itself, in the dialects of Camunda, Activiti and Flowable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from math import isfinite
from typing import Any

from lxml import etree

from domain.requests.patterns import compiled
from engines.documents import Node

Said = Iterator[tuple[str, str | None]]


def field(node: Node) -> dict[str, Any]:
    """`{id, label, type, default, required, values, constraints}` of a `formField` or a `formProperty`.

    What cannot be checked is there as `unchecked`: `[{name, config}]`.
    """
    limits, unchecked = _limits(node)
    # Activiti keeps the value under the variable's name and reads it from the expression, where these are given.
    made = {
        "id": node.get("variable") or node.get("id"),
        "label": node.get("label") or node.get("name"),
        "type": node.get("type") or "string",
        "default": node.get("defaultValue") or node.get("default") or node.get("expression"),
        "required": bool(limits.pop("required", False)),
        "values": [
            {"id": inner.get("id"), "name": inner.get("name") or inner.get("id")}
            for inner in node
            if _named(inner, "value")
        ],
        "constraints": limits,
    }
    return made | ({"unchecked": unchecked} if unchecked else {})


def _limits(node: Node) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    limits: dict[str, Any] = {}
    unchecked = []
    for name, config in _said(node):
        found = None
        with suppress(ValueError):
            found = _READ[name](config or "") if name in _READ else None
        if found is None:
            unchecked.append({"name": name, "config": config})
        elif found is not False:
            limits[_KNOWN_AS.get(name, name)] = found
    return limits, unchecked


def _said(node: Node) -> Said:
    if node.get("required") is not None:
        yield "required", node.get("required")
    if node.get("writable") == "false":
        yield "readonly", None
    for inner in node.iter():
        if _named(inner, "constraint") and inner.get("name"):
            yield inner.get("name"), inner.get("config")


def _flag(config: str) -> bool:
    return config.strip().lower() != "false"


def _number(config: str) -> float | int:
    try:
        return int(config)
    except ValueError:
        number = float(config)
    if not isfinite(number):
        raise ValueError(config)
    return number


def _length(config: str) -> int:
    length = int(config)
    if length < 0:
        raise ValueError(config)
    return length


def _pattern(config: str) -> str:
    if compiled(config) is None:
        raise ValueError(config)
    return config


_READ: Mapping[str, Callable[[str], Any]] = {
    "required": _flag,
    "readonly": _flag,
    "min": _number,
    "max": _number,
    "minlength": _length,
    "maxlength": _length,
    "pattern": _pattern,
    "regexp": _pattern,
    "regex": _pattern,
}
_KNOWN_AS = {"regexp": "pattern", "regex": "pattern"}


def _named(node: Node, name: str) -> bool:
    return isinstance(node.tag, str) and etree.QName(node).localname == name
