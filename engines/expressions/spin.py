"""Camunda Spin's way to read JSON: `S(order).prop("city").stringValue()`, over plain data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from engines.expressions.data import Impossible, from_json, is_number, kind, plain, to_json, weigh

_STEP = re.compile(r"\.([^\W\d][\w-]*)|\[(\d{1,6})\]|\[(?:'([^'\]]*)'|\"([^\"\]]*)\")\]")


class Node:
    """A part of a JSON document; a change of it changes the document it was read from, and no variable."""

    __slots__ = ("_changed", "_data")

    def __init__(self, data: Any, changed: Callable[[Any], None] | None = None) -> None:
        self._data = data
        self._changed = changed

    def as_data(self) -> Any:
        """The part as plain data."""
        return self._data

    def at(self, name: Any) -> Node:
        """The part below with this name or place."""
        if isinstance(self._data, Mapping) and name in self._data:
            return Node(self._data[name], lambda data: self._replace(name, data))
        if isinstance(self._data, list) and isinstance(name, int) and 0 <= name < len(self._data):
            return Node(self._data[name], lambda data: self._replace(name, data))
        raise Impossible(f"the JSON document has no property {name!r}")

    def put(self, name: Any, value: Any) -> Node:
        """Set a part, in a copy: the variable that it was read from stays as it is."""
        self._replace(name, value)
        return self

    def _replace(self, name: Any, value: Any) -> None:
        if isinstance(self._data, list):
            self._set([value if at == name else item for at, item in enumerate(self._data)])
        elif isinstance(self._data, Mapping):
            self._set({**self._data, str(name): value})
        else:
            raise Impossible(f"{kind(self._data)} has no properties")

    def without(self, name: Any) -> Node:
        """Take a part away."""
        self.at(name)
        self._set({key: value for key, value in self._data.items() if key != name})
        return self

    def followed_by(self, value: Any) -> Node:
        """Add an item to a list."""
        if not isinstance(self._data, list):
            raise Impossible(f"{kind(self._data)} is not a list")
        self._set([*self._data, plain(value)])
        return self

    def _set(self, data: Any) -> None:
        weigh(data)
        self._data = data
        if self._changed is not None:
            self._changed(data)


def node(value: Any) -> Node:
    """`S(x)` and `JSON(x)`: of a text that is JSON, or of data."""
    if isinstance(value, Node):
        return value
    if value is None:
        raise Impossible("null is no JSON document")
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return Node(from_json(value))
    return Node(plain(value))


def _prop(found: Node, name: Any, *value: Any) -> Node:
    return found.put(name, plain(value[0])) if value else found.at(name)


def _typed(fits: Callable[[Any], bool], wanted: str) -> Callable[[Node], Any]:
    def read(found: Node) -> Any:
        data = found.as_data()
        if not fits(data):
            raise Impossible(f"the JSON value is {kind(data)}, not {wanted}")
        return data

    return read


def _is(fits: Callable[[Any], bool]) -> Callable[[Node], bool]:
    return lambda found: fits(found.as_data())


def _path(found: Node, path: Any) -> Node:
    text = str(path)
    if not text.startswith("$"):
        raise Impossible(f"the path {text[:60]!r} does not start with $")
    at = 1
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise Impossible(f"the path {text[:60]!r} is more than names and places")
        name = next(part for part in step.groups() if part is not None)
        found = found.at(int(name) if step[2] is not None else name)
        at = step.end()
    return found


def _elements(found: Node) -> list[Node]:
    data = found.as_data()
    if not isinstance(data, list):
        raise Impossible(f"{kind(data)} is not a list")
    return [found.at(at) for at in range(len(data))]


def _names(found: Node) -> list[str]:
    return list(_typed(_is_mapping, "a mapping")(found))


def _is_mapping(data: Any) -> bool:
    return isinstance(data, Mapping)


def _is_text(data: Any) -> bool:
    return isinstance(data, str)


def _is_list(data: Any) -> bool:
    return isinstance(data, list)


def _is_truth(data: Any) -> bool:
    return isinstance(data, bool)


def _is_simple(data: Any) -> bool:
    return data is None or isinstance(data, str | int | float)


# What each method does, and how few and how many values it takes.
METHODS: Mapping[str, tuple[Callable[..., Any], int, int]] = {
    "prop": (_prop, 1, 2),
    "hasProp": (lambda found, name: _is_mapping(found.as_data()) and name in found.as_data(), 1, 1),
    "stringValue": (_typed(_is_text, "a text"), 0, 0),
    "numberValue": (_typed(is_number, "a number"), 0, 0),
    "boolValue": (_typed(_is_truth, "a truth value"), 0, 0),
    "value": (_typed(_is_simple, "a single value"), 0, 0),
    "isNull": (lambda found: found.as_data() is None, 0, 0),
    "isObject": (_is(_is_mapping), 0, 0),
    "isArray": (_is(_is_list), 0, 0),
    "isString": (_is(_is_text), 0, 0),
    "isNumber": (_is(is_number), 0, 0),
    "isBoolean": (_is(_is_truth), 0, 0),
    "isValue": (_is(_is_simple), 0, 0),
    "elements": (_elements, 0, 0),
    "fieldNames": (_names, 0, 0),
    "size": (lambda found: len(_elements(found)), 0, 0),
    "append": (Node.followed_by, 1, 1),
    "deleteProp": (Node.without, 1, 1),
    "jsonPath": (_path, 1, 1),
    "element": (lambda found: found, 0, 0),
    "unwrap": (Node.as_data, 0, 0),
    "toString": (lambda found: to_json(found.as_data()), 0, 0),
}
