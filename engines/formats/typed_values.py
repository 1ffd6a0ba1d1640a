"""Variables as Camunda 7 sends them, `{value, type, valueInfo}`, and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from domain.errors import InvalidValue
from domain.values import check, iso, parse_time

JSON_FORMAT = "application/json"
_BITS = {"short": 16, "integer": 32, "long": 64}
_INTEGER = 2**31


def typed(value: Any) -> dict[str, Any]:
    """Plain data with its type; objects and lists become JSON, as a text."""
    name, shown = _typed(value)
    return {"type": name, "value": shown, "valueInfo": {}}


def plain_variables(variables: Mapping[str, Any] | None, where: str = "variables") -> dict[str, Any]:
    """Plain data by name; raises `InvalidValue` that names the variable."""
    found = {name: plain(value, f"{where}.{name}") for name, value in (variables or {}).items()}
    check(found, where)
    return found


def plain(given: Any, where: str) -> Any:
    """One value as plain data; raises `InvalidValue`."""
    if not isinstance(given, Mapping):
        raise InvalidValue(f"{where}: expected an object with value and type")
    value, name = given.get("value"), given.get("type")
    if name is None or (isinstance(name, str) and name.lower() == "null" and value is None):
        return value
    read = _READERS.get(name.lower()) if isinstance(name, str) else None
    if read is None:
        raise InvalidValue(f"{where}: values of type {str(name)[:80]!r} are not taken")
    if value is None:
        return None
    try:
        return read(value, given.get("valueInfo") or {})
    except (TypeError, ValueError, AttributeError, RecursionError):
        raise InvalidValue(f"{where}: the value is no {name}") from None


def _typed(value: Any) -> tuple[str, Any]:
    match value:
        case None:
            return "Null", None
        case bool():
            return "Boolean", value
        case int():
            return ("Integer" if -_INTEGER <= value < _INTEGER else "Long"), value
        case float():
            return "Double", value
        case str():
            return "String", value
    return "Json", orjson.dumps(value).decode()


def _of_kind(*kinds: type) -> Callable[[Any, Any], Any]:
    def read(value: Any, _info: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise TypeError
        return value

    return read


def _whole(bits: int) -> Callable[[Any, Any], Any]:
    def read(value: Any, _info: Any) -> Any:
        if isinstance(value, bool) or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            raise ValueError
        if value != int(value):
            raise ValueError
        return int(value)

    return read


def _moment(value: Any, _info: Any) -> str:
    return iso(parse_time(value))


def _json(value: Any, _info: Any) -> Any:
    return orjson.loads(value) if isinstance(value, str) else value


def _object(value: Any, info: Any) -> Any:
    """An object that is kept as JSON; any other form only its own language could read."""
    if info.get("serializationDataFormat", JSON_FORMAT) != JSON_FORMAT:
        raise ValueError
    return _json(value, info)


_READERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "string": _of_kind(str),
    "boolean": _of_kind(bool),
    "double": _of_kind(int, float),
    "date": _moment,
    "json": _json,
    "object": _object,
    **{name: _whole(bits) for name, bits in _BITS.items()},
}
