"""The methods data has in an expression, by the kind of value; they read and never change it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from engines.expressions import patterns, texts
from engines.expressions.data import Impossible, is_number, kind, plain, shown, to_number
from engines.expressions.exposed import Exposed, property_of
from engines.expressions.moments import COMPARISONS, GETTERS, SHIFTS, Moment, to_moment
from engines.expressions.spin import METHODS as NODES
from engines.expressions.spin import Node

Take: TypeAlias = Callable[[Any], Any]
# What a method computes, how each of its arguments is taken, and how many of them may be left out.
Method: TypeAlias = tuple[Callable[..., Any], tuple[Take, ...], int]


def whole(value: Any) -> int:
    """An argument that has to be a whole number."""
    found = to_number(value)
    if found is None or found != int(found):
        raise Impossible(f"{shown(value)[:60]!r} is not a whole number")
    return int(found)


def anything(value: Any) -> Any:
    """An argument as it is."""
    return value


def simple(compute: Callable[..., Any], *takes: Take, optional: int = 0) -> Method:
    """A method and what it takes."""
    return compute, takes, optional


def _text(value: Any) -> str:
    if value is None:
        raise Impossible("null is given where a text is needed")
    return shown(value)


def _compared(one: Any, other: Any) -> int:
    return int(one > other) - int(one < other)


def _ordinal(one: Any, other: Any) -> int:
    if not is_number(other):
        raise Impossible(f"{kind(other)} is not a number")
    return _compared(one, other)


def _position(items: Sequence[Any], item: Any) -> int:
    return next((at for at, one in enumerate(items) if _same(one, item)), -1)


def _same(one: Any, other: Any) -> bool:
    """Java's `equals`: nothing is coerced, but whole and broken numbers of one value are taken as the same."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _item(items: Sequence[Any], at: int) -> Any:
    if not 0 <= at < len(items):
        raise Impossible(f"there is no item {at}, the list has {len(items)}")
    return items[at]


def integer(value: Any) -> int:
    """A number without its fraction; raises `Impossible` for what is none."""
    found = to_number(value)
    if found is None:
        raise Impossible(f"{shown(value)[:60]!r} is not a number")
    return int(found)


TEXT: Mapping[str, Method] = {
    "length": simple(len),
    "isEmpty": simple(lambda text: not text),
    "isBlank": simple(lambda text: not text.strip()),
    "equals": simple(_same, anything),
    "equalsIgnoreCase": simple(lambda text, other: isinstance(other, str) and text.lower() == other.lower(), anything),
    "compareTo": simple(_compared, _text),
    "compareToIgnoreCase": simple(lambda text, other: _compared(text.lower(), other.lower()), _text),
    "contains": simple(lambda text, part: part in text, _text),
    "startsWith": simple(lambda text, part, start=0: text.startswith(part, max(start, 0)), _text, whole, optional=1),
    "endsWith": simple(lambda text, part: text.endswith(part), _text),
    "toUpperCase": simple(str.upper),
    "toLowerCase": simple(str.lower),
    "trim": simple(str.strip),
    "strip": simple(str.strip),
    "substring": simple(texts.within, whole, whole, optional=1),
    "indexOf": simple(lambda text, part, start=0: text.find(part, max(start, 0)), _text, whole, optional=1),
    "lastIndexOf": simple(lambda text, part: text.rfind(part), _text),
    "replace": simple(texts.replaced, _text, _text),
    "replaceAll": simple(texts.all_replaced, _text, _text),
    "charAt": simple(texts.char_at, whole),
    "concat": simple(texts.joined, _text),
    "repeat": simple(texts.repeated, whole),
    "split": simple(texts.split, _text),
    "matches": simple(patterns.matches, _text),
    "toString": simple(str),
}
LIST: Mapping[str, Method] = {
    "size": simple(len),
    "isEmpty": simple(lambda items: not items),
    "contains": simple(lambda items, item: _position(items, item) >= 0, anything),
    "containsAll": simple(lambda items, others: all(_position(items, one) >= 0 for one in others), list),
    "get": simple(_item, whole),
    "indexOf": simple(_position, anything),
    "lastIndexOf": simple(
        lambda items, item: max((at for at, one in enumerate(items) if _same(one, item)), default=-1), anything
    ),
    "subList": simple(lambda items, start, end: items[max(start, 0) : max(end, 0)], whole, whole),
    "toString": simple(shown),
    "equals": simple(_same, anything),
}
MAP: Mapping[str, Method] = {
    "get": simple(lambda data, name: data.get(shown(name)), anything),
    "getOrDefault": simple(lambda data, name, other: data.get(shown(name), other), anything, anything),
    "size": simple(len),
    "isEmpty": simple(lambda data: not data),
    "containsKey": simple(lambda data, name: shown(name) in data, anything),
    "containsValue": simple(lambda data, value: _position(list(data.values()), value) >= 0, anything),
    "keySet": simple(list),
    "values": simple(lambda data: list(data.values())),
    "entrySet": simple(lambda data: [{"key": name, "value": value} for name, value in data.items()]),
    "toString": simple(shown),
    "equals": simple(_same, anything),
}
NUMBER: Mapping[str, Method] = {
    **dict.fromkeys(("intValue", "longValue", "shortValue"), simple(int)),
    **dict.fromkeys(("doubleValue", "floatValue"), simple(float)),
    "toString": simple(str),
    "equals": simple(_same, anything),
    "compareTo": simple(_ordinal, anything),
}
TRUTH: Mapping[str, Method] = {
    "booleanValue": simple(bool),
    "toString": simple(shown),
    "equals": simple(lambda one, other: one is other, anything),
}
MOMENT: Mapping[str, Method] = {
    **{name: simple(compute, whole) for name, compute in SHIFTS.items()},
    **{name: simple(compute) for name, compute in GETTERS.items()},
    **{
        name: simple(lambda one, other, compare=compare: compare(one.at, other.at), to_moment)
        for name, compare in COMPARISONS.items()
    },
}
_NOW: Mapping[str, str] = {"isAfterNow": "isAfter", "isBeforeNow": "isBefore", "isEqualNow": "isEqual"}
_TABLES: Mapping[type, Mapping[str, Method]] = {
    str: TEXT,
    list: LIST,
    tuple: LIST,
    dict: MAP,
    int: NUMBER,
    float: NUMBER,
    bool: TRUTH,
    Moment: MOMENT,
    Node: {
        name: simple(compute, *[anything] * most, optional=most - least)
        for name, (compute, least, most) in NODES.items()
    },
}
KNOWN = frozenset(_NOW).union(*_TABLES.values())


def invoke(value: Any, name: str, arguments: Sequence[Any], now: datetime) -> Any:
    """Call a method of a value."""
    if isinstance(value, Exposed):
        return value.call(name, arguments)
    table = _TABLES.get(type(value)) or _abstract(value)
    if name in table:
        return apply(name, table[name], value, arguments)
    if isinstance(value, Mapping) and not arguments and property_of(name) in value:
        return value[property_of(name)]  # what was a bean is data here
    if isinstance(value, Moment | str) and (name in MOMENT or name in _NOW):
        return _of_moment(to_moment(value), name, arguments, now)
    raise Impossible(f"{kind(value)} has no method {name!r}")


def apply(name: str, method: Method, value: Any, arguments: Sequence[Any]) -> Any:
    """Call what a table holds with the arguments as it takes them."""
    compute, takes, optional = method
    if not len(takes) - optional <= len(arguments) <= len(takes):
        raise Impossible(f"the method {name!r} takes {len(takes)} values, not {len(arguments)}")
    return compute(value, *[take(argument) for take, argument in zip(takes, arguments, strict=False)])


def has_property(value: Any, name: str, now: datetime) -> tuple[bool, Any]:
    """Whether a getter of the value gives the property, and what it gives."""
    table = MOMENT if isinstance(value, Moment) else TEXT if isinstance(value, str) else {}
    for getter in (f"get{name[:1].upper()}{name[1:]}", f"is{name[:1].upper()}{name[1:]}"):
        if getter in _NOW or (getter in table and not table[getter][1]):
            return True, invoke(value, getter, (), now)
    return False, None


def _of_moment(value: Moment, name: str, arguments: Sequence[Any], now: datetime) -> Any:
    if name in _NOW:
        if arguments:
            raise Impossible(f"the method {name!r} takes no values")
        return invoke(value, _NOW[name], [Moment(now)], now)
    return apply(name, MOMENT[name], value, arguments)


def _abstract(value: Any) -> Mapping[str, Method]:
    if isinstance(value, Mapping):
        return MAP
    return {"toString": simple(lambda found: shown(plain(found)))} if hasattr(value, "as_data") else {}
