"""Dataclasses to and from plain camelCase data: the one mapping used on the wire, in the log and in views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypedDict, TypeVar, cast

Record = TypeVar("Record")
_ATOMS = frozenset({str, int, float, bool, type(None), dict})


class NoChanges(TypedDict):
    """An event that says nothing beside the state itself."""


def camel(name: str) -> str:
    """`due_date` becomes `dueDate`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def dump(record: Any) -> dict[str, Any]:
    """Every field, camelCase, tuples as lists."""
    plain = {}
    for name, wire in _names(cast("Any", type(record))):
        value = getattr(record, name)
        plain[wire] = value if value.__class__ in _ATOMS else _plain(value)
    return plain


def load(kind: type[Record], data: Mapping[str, Any]) -> Record:
    """The dataclass from plain data; unknown members are ignored, missing ones take their default."""
    found = {name: _frozen(data[wire]) for name, wire in _names(cast("Any", kind)) if wire in data}
    return kind(**found)


@cache
def _names(kind: Any) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, camel(field.name)) for field in fields(kind))


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return dump(value) if is_dataclass(value) and not isinstance(value, type) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
