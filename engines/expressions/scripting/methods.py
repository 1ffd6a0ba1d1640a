"""What scripts can call beyond expressions: methods that change lists and mappings, and each language's own names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from engines.expressions.data import MAX_LENGTH, Impossible, from_json, shown, to_json, to_number
from engines.expressions.functions import STATICS, Function, number, static
from engines.expressions.methods import Method, anything, integer, simple, whole
from engines.expressions.moments import Moment
from engines.expressions.operations import arithmetic
from engines.expressions.scripting import kie

MAX_ITEMS = 100_000


def _put(data: dict[str, Any], name: Any, value: Any) -> Any:
    old = data.get(shown(name))
    data[shown(name)] = value
    return old


def _added(items: list[Any], value: Any) -> bool:
    items.append(value)
    return True


def _pushed(items: list[Any], value: Any) -> int:
    items.append(value)
    return len(items)


def _extended(items: list[Any], more: Any) -> None:
    if not isinstance(more, list | tuple) or len(items) + len(more) > MAX_ITEMS:
        raise Impossible("only a list of reasonable length can be added")
    items.extend(more)


def _removed(items: list[Any], at: int = -1) -> Any:
    if not -len(items) <= at < len(items):
        raise Impossible(f"there is no item {at}, the list has {len(items)}")
    return items.pop(at)


def _joined(items: Sequence[Any], between: Any = ",") -> str:
    found = shown(between).join(shown(item) for item in items)
    if len(found) > MAX_LENGTH:
        raise Impossible("the text is too long")
    return found


def _python_join(between: str, items: Any) -> str:
    return _joined(items if isinstance(items, list | tuple) else [], between)


def _cut(value: Any, start: int = 0, end: int | None = None) -> Any:
    return value[start:end]


def _total(items: Any) -> Any:
    found: Any = 0
    for item in items:
        found = _sum(found, item)
    return found


_sum = arithmetic(lambda left, right: left + right, number)


def ranged(*bounds: int) -> list[int]:
    """Whole numbers, as Python's `range` gives them."""
    found = range(*bounds)
    if len(found) > MAX_ITEMS:
        raise Impossible("the range is too long")
    return list(found)


def _sized(value: Any) -> int:
    if not isinstance(value, str | list | tuple | Mapping):
        raise Impossible("only texts, lists and mappings have a length")
    return len(value)


def _power(base: Any, exponent: Any) -> Any:
    if abs(exponent) > 64 or (base < 0 and exponent != int(exponent)):  # noqa: PLR2004 - beyond it nothing fits anyway
        raise Impossible("the power is too large")
    return float(base) ** exponent if exponent < 0 else base**exponent


def _fixed(value: float, digits: int = 0) -> str:
    if not 0 <= digits <= 20:  # noqa: PLR2004 - more than a number has
        raise Impossible("too many digits")
    return f"{value:.{digits}f}"


def _rounded(value: Any, digits: int = 0) -> Any:
    return round(value, max(-20, min(20, digits))) if digits else round(value)


def _millis(_scope: Mapping[str, Any], now: datetime, _arguments: Sequence[Any]) -> int:
    return int(now.timestamp() * 1000)


def _date(_scope: Mapping[str, Any], now: datetime, arguments: Sequence[Any]) -> Moment:
    if arguments:
        raise Impossible("only the date of now can be made")
    return Moment(now)


def _named(value: Any) -> list[str]:
    return list(value) if isinstance(value, Mapping) else [str(at) for at in range(_sized(value))]


def _whole_of(value: Any, base: Any = 10) -> int:
    if base != 10:  # noqa: PLR2004 - numbers of models are decimal
        raise Impossible("only decimal numbers are read")
    return integer(value)


# Those whose work does not grow with what they belong to.
CHEAP = frozenset(
    {"add", "push", "append", "put", "get", "size", "isEmpty", "pop", "length", "containsKey", "getOrDefault"}
)
REGULAR = frozenset({"matches", "split", "replaceAll"})

LISTS: Mapping[str, Method] = {
    "add": simple(_added, anything),
    "push": simple(_pushed, anything),
    "append": simple(lambda items, value: items.append(value), anything),
    **dict.fromkeys(("addAll", "extend"), simple(_extended, anything)),
    **dict.fromkeys(("pop", "remove"), simple(_removed, whole, optional=1)),
    "shift": simple(lambda items: _removed(items, 0)),
    "join": simple(_joined, anything, optional=1),
    "includes": simple(lambda items, item: item in items, anything),
    "slice": simple(_cut, whole, whole, optional=2),
    "concat": simple(lambda items, more: [*items, *(more if isinstance(more, list) else [more])], anything),
    "first": simple(lambda items: _removed(list(items), 0)),
    "last": simple(lambda items: _removed(list(items))),
    "sum": simple(_total),
    "count": simple(lambda items, item: items.count(item), anything),
    "index": simple(lambda items, item: items.index(item), anything),
}
MAPS: Mapping[str, Method] = {
    "put": simple(_put, anything, anything),
    "remove": simple(lambda data, name: data.pop(shown(name), None), anything),
    "get": simple(lambda data, name, other=None: data.get(shown(name), other), anything, anything, optional=1),
    "keys": simple(list),
    "items": simple(lambda data: [list(pair) for pair in data.items()]),
    **dict.fromkeys(("update", "putAll"), simple(lambda data, more: data.update(more), dict)),
}
TEXTS: Mapping[str, Method] = {
    "size": simple(len),
    "includes": simple(lambda text, part: part in text, shown),
    "slice": simple(_cut, whole, whole, optional=2),
    "upper": simple(str.upper),
    "lower": simple(str.lower),
    "startswith": simple(lambda text, part: text.startswith(part), shown),
    "endswith": simple(lambda text, part: text.endswith(part), shown),
    "find": simple(lambda text, part: text.find(part), shown),
    "join": simple(_python_join, anything),
    **dict.fromkeys(("toInteger", "toLong"), simple(integer)),
    **dict.fromkeys(("toDouble", "toFloat", "toBigDecimal"), simple(lambda text: float(number(text)))),
    "isNumber": simple(lambda text: to_number(text) is not None),
}
NUMBERS: Mapping[str, Method] = {
    "toFixed": simple(_fixed, whole, optional=1),
    **dict.fromkeys(("toInteger", "toLong"), simple(int)),
    "round": simple(_rounded, whole, optional=1),
}
MOMENTS: Mapping[str, Method] = {"toISOString": simple(str), "isoformat": simple(str), "getFullYear": simple(
    lambda moment: moment.at.year)}  # fmt: skip
EXTRA: Mapping[type, Mapping[str, Method]] = {
    list: LISTS, dict: MAPS, str: TEXTS, int: NUMBERS, float: NUMBERS, Moment: MOMENTS}  # fmt: skip

_TEXT = static("str", lambda value: "null" if value is None else shown(value), anything)
JAVASCRIPT: Mapping[str, Function] = {
    "String": _TEXT,
    "Number": static("Number", number, anything),
    "parseInt": static("parseInt", _whole_of, anything, anything, optional=1),
    "parseFloat": static("parseFloat", number, anything),
    "isNaN": static("isNaN", lambda value: to_number(value) is None, anything),
}
PYTHON: Mapping[str, Function] = {
    "str": static("str", lambda value: "None" if value is None else shown(value), anything),
    "int": static("int", integer, anything),
    "float": static("float", lambda value: float(number(value)), anything),
    "len": static("len", _sized, anything),
    "abs": static("abs", abs, number),
    "round": static("round", _rounded, number, whole, optional=1),
    "sum": static("sum", _total, list),
    "range": static("range", ranged, whole, whole, whole, optional=2),
    "list": static("list", list, list, optional=1),
    "dict": static("dict", dict),
}
MADE: Mapping[str, Function] = {
    "Date": _date,
    **dict.fromkeys(("ArrayList", "LinkedList", "Array"), static("list", list)),
    **dict.fromkeys(("HashMap", "LinkedHashMap", "Object", "Map"), static("map", dict)),
}
SCRIPT_STATICS: Mapping[tuple[str, str], Function] = {
    **STATICS,
    **kie.STATICS,
    **{(owner, name): static(name, from_json, shown) for owner, name in (("JSON", "parse"), ("json", "loads"))},
    **{
        (owner, name): static(name, to_json, anything)
        for owner, name in (("JSON", "stringify"), ("json", "dumps"), ("JsonOutput", "toJson"))
    },
    ("Object", "keys"): static("keys", _named, anything),
    ("Object", "values"): static("values", lambda data: list(data.values()), dict),
    ("Array", "isArray"): static("isArray", lambda value: isinstance(value, list), anything),
    ("Date", "now"): _millis,
    ("System", "currentTimeMillis"): _millis,
    ("Math", "pow"): static("pow", arithmetic(_power, number), anything, anything),
    ("Math", "trunc"): static("trunc", int, number),
}


def smallest(pick: Callable[..., Any]) -> Function:
    """`min` and `max` of a list or of the values given."""

    def call(_scope: Mapping[str, Any], _now: Any, arguments: Sequence[Any]) -> Any:
        items = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments
        if not items:
            raise Impossible("nothing is given to choose from")
        return pick(items)

    return call
