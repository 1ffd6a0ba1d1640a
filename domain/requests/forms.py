"""The variables somebody gives, checked against the form they were asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from typing import Any

from domain.errors import InvalidVariables

Field = Mapping[str, Any]
Errors = list[dict[str, str]]


def check_form(fields: Sequence[Field], variables: Mapping[str, Any]) -> None:
    """What is required is there and all of it has its type; raises `InvalidVariables`, one message per field."""
    errors = [error for field in fields for error in _errors(field, variables)]
    if errors:
        raise InvalidVariables("; ".join(f"{one['field']} {one['message']}" for one in errors), errors=errors)


def _errors(field: Field, given: Mapping[str, Any]) -> Errors:
    name, value = str(field["id"]), given.get(str(field["id"]))
    if value is None or value == "":
        return [{"field": name, "message": "is required"}] if field.get("required") else []
    message = _CHECKS.get(str(field.get("type", "string")), _anything)(value, field)
    return [{"field": name, "message": message}] if message else []


def _string(value: Any, _: Field) -> str | None:
    return None if isinstance(value, str) else "must be text"


def _whole(value: Any, _: Field) -> str | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return None if whole else "must be a whole number"


def _number(value: Any, _: Field) -> str | None:
    number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return None if number else "must be a number"


def _boolean(value: Any, _: Field) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _date(value: Any, _: Field) -> str | None:
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value)
        except (TypeError, ValueError):
            continue
        return None
    return "must be an ISO-8601 date"


def _enum(value: Any, field: Field) -> str | None:
    allowed = [one["id"] for one in field.get("values") or ()]
    return None if value in allowed else f"must be one of {', '.join(map(str, allowed))}"


def _anything(_value: Any, _: Field) -> str | None:
    return None


_CHECKS: Mapping[str, Callable[[Any, Field], str | None]] = {
    "string": _string,
    "long": _whole,
    "integer": _whole,
    "double": _number,
    "boolean": _boolean,
    "date": _date,
    "enum": _enum,
}
