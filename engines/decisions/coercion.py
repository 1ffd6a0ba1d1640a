"""The types of columns, variables and parameters: values are made to fit, as Camunda does it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from engines.decisions import times
from engines.decisions.functions.conversions import shown
from engines.decisions.types import Type
from engines.decisions.values import NUMBERS, Impossible, Run, kind

_WHOLE = ("integer", "long", "int", "short")
_NUMBERS = (*_WHOLE, "double", "float", "number")
_ALIASES = {
    "datetime": "date and time",
    "date_and_time": "date and time",
    "date and time": "date and time",
    "daytimeduration": "days and time duration",
    "days and time duration": "days and time duration",
    "yearmonthduration": "years and months duration",
    "years and months duration": "years and months duration",
}
_READERS = {
    "date": times.read_date,
    "time": times.read_time,
    "date and time": times.read_moment,
    "days and time duration": times.read_duration,
    "years and months duration": times.read_duration,
}
_LONGEST_NUMBER = 100


def coerced(run: Run, value: Any, type_ref: str | None, types: Mapping[str, str]) -> Any:
    """The value as what its type says; types nobody knows say nothing; raises `Impossible`."""
    name = _resolved(type_ref, types)
    if value is None or not name:
        return value
    if isinstance(value, list) and len(value) == 1:
        return coerced(run, value[0], name, {})
    found = _fitted(run, value, name)
    if found is None:
        raise Impossible(f"{shown(run, value)[:60]!r}, a {kind(value)}, is no {name}")
    return found


def is_moment(type_ref: str | None, types: Mapping[str, str]) -> bool:
    """Whether a type is one that JSON has only texts for."""
    return _resolved(type_ref, types) in _READERS


def _resolved(type_ref: str | None, types: Mapping[str, str]) -> str:
    name = (type_ref or "").strip()
    for _ in range(10):
        if name not in types:
            break
        name = types[name]
    plain = name.rpartition(":")[2].lower()
    known = plain in ("string", "boolean", *_NUMBERS) or plain in _READERS
    return plain if known else _ALIASES.get(plain, "")


def _fitted(run: Run, value: Any, name: str) -> Any:
    if name in _NUMBERS:
        number = _number(value)
        return number.to_integral_value("ROUND_DOWN") if number is not None and name in _WHOLE else number
    if name == "string":
        return value if isinstance(value, str) else None if isinstance(value, list | dict) else shown(run, value)
    if name == "boolean":
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    if isinstance(value, str):
        return Type(name).fitted(run, _read(value, name))
    if name == "date" and isinstance(value, datetime):
        return value.date()
    return Type(name).fitted(run, value)


def _read(text: str, name: str) -> Any:
    if name == "date":
        found = times.read_moment(text)
        return found.date() if found else None
    return _READERS[name](text)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or len(value) > _LONGEST_NUMBER:
        return None
    try:
        found = NUMBERS.create_decimal(value.strip())
    except ArithmeticError:
        return None
    return found if found.is_finite() else None
