"""Plain data as expressions see it: its kinds, its numbers and texts, and how large it may grow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from domain.errors import InvalidValue
from domain.values import check
from engines.expressions.moments import Moment

MAX_LENGTH = 100_000
MAX_SIZE = 1_000_000
MAX_LEVELS = 80
_LONGEST_NUMBER = 30
_ITEM = 8
_ATOMS = frozenset({int, float, bool, str, type(None)})


class Impossible(Exception):
    """The operation makes no sense for these values."""


def is_number(value: Any) -> bool:
    """Whether it is a number; truth values are none."""
    return value.__class__ is int or value.__class__ is float


def to_number(value: Any) -> int | float | None:
    """The number a value is or spells."""
    if is_number(value):
        return value  # type: ignore[no-any-return]
    if isinstance(value, str) and len(value) < _LONGEST_NUMBER and "_" not in value:
        try:
            found = float(value)
            return None if not isfinite(found) else int(value) if value.strip().lstrip("+-").isdecimal() else found
        except ValueError:
            return None
    return None


def kind(value: Any) -> str:
    """What sort of value it is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a truth value"
    names = {str: "a text", int: "a number", float: "a number", list: "a list", dict: "a mapping", Moment: "a date"}
    return names.get(type(value), f"an object ({type(value).__name__})")


def shown(value: Any) -> str:
    """A value as text: null is nothing, collections are JSON."""
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float | Moment):
        return str(value)
    if hasattr(value, "as_data"):
        return shown(value.as_data())
    return to_json(value)


def to_json(value: Any) -> str:
    """A value as JSON text, within bounds."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Any:
    """The data of a JSON text."""
    if len(text) > MAX_SIZE:
        raise Impossible("the JSON text is too long")
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Impossible(f"not JSON: {error}") from None
    weigh(found)
    return found


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def plain(value: Any) -> Any:
    """Only what JSON knows: moments become ISO texts, nodes their data; objects of the engine are refused."""
    if value is None or isinstance(value, str | int | float):
        return value
    weigh(value)
    return _plain(value)


def given(value: Any) -> Any:
    """A value as it may be kept; raises `Impossible` for what neither JSON nor MongoDB can carry."""
    try:
        check(value, "the value")
    except InvalidValue:
        value = plain(value)
        try:
            check(value, "the value")
        except InvalidValue as error:
            raise Impossible(str(error)) from None
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Moment):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    if hasattr(value, "as_data"):
        return _plain(value.as_data())
    raise Impossible(f"{kind(value)} is not plain data")


def weigh(value: Any) -> int:
    """How large data is, shared parts counted each time; refuses what is too large or too deep to be written down."""
    size, level = 0, [value]
    for _ in range(MAX_LEVELS):
        if set(map(type, level)) <= _ATOMS:
            # Most of what there is, and forty times as quick.
            texts = [len(item) for item in level if item.__class__ is str]
            size += sum(texts) + _ITEM * (len(level) - len(texts))
            if size > MAX_SIZE:
                raise Impossible("the data is too large")
            return size
        below: list[Any] = []
        for item in level:
            size += len(item) if isinstance(item, str) else _ITEM
            if isinstance(item, list | tuple):
                below += item
            elif isinstance(item, Mapping):
                below += item.values()
                size += sum(map(len, map(str, item)))
            elif hasattr(item, "as_data"):
                below.append(item.as_data())
            if size + len(below) > MAX_SIZE:
                raise Impossible("the data is too large")
        if not below:
            return size
        level = below
    raise Impossible("the data is nested too deep")
