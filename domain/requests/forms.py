"""The variables somebody gives, checked against the form they were asked with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

from domain.errors import InvalidVariables
from domain.personal import key_of
from domain.requests.patterns import MOST, compiled

Field = Mapping[str, Any]
Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with the value of a field; `message` goes on from "this"."""

    field: str
    message: str


def check_form(
    fields: Sequence[Field],
    variables: Variables,
    current: Callable[[], Variables] | None = None,
    whole: Callable[[Variables], Sequence[FieldProblem]] | None = None,
) -> None:
    """Raises `InvalidVariables`, one message per field; `current` tells what the fields have now.

    `whole` judges what a form says beyond its fields.
    """
    found = judge(fields, variables, current() if current and any(map(is_read_only, fields)) else {})
    said = {one.field for one in found}
    if problems := found + [one for one in (whole(variables) if whole else ()) if one.field not in said]:
        errors = [{"field": one.field, "message": one.message} for one in problems]
        raise InvalidVariables("; ".join(f"{one.field} {one.message}" for one in problems), errors=errors)


def judge(fields: Sequence[Field], variables: Variables, current: Variables) -> list[FieldProblem]:
    """What is wrong, at most one problem per field: whatever the form does not ask for is let through."""
    found = ((str(field["id"]), _message(field, variables, current)) for field in fields)
    return [FieldProblem(name, message) for name, message in found if message]


def is_read_only(field: Field) -> bool:
    """Whether the field only shows a value."""
    return bool((field.get("constraints") or {}).get("readonly"))


def _message(field: Field, given: Variables, current: Variables) -> str | None:
    name = str(field["id"])
    value = given.get(name)
    if is_read_only(field):
        before = current.get(name, field.get("default"))
        same = value is None or _is_same(value, before) or _is_sealed(before)
        return None if same else "cannot be changed"
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return "is required" if field.get("required") else None
    message = _CHECKS.get(str(field.get("type", "string")), _anything)(value, field)
    return message or _outside(value, field.get("constraints") or {})


def _is_same(one: Any, other: Any) -> bool:
    """A default is text in the model, whatever its type."""
    if isinstance(other, str) and isinstance(one, bool | int | float):
        return other.strip().lower() == str(one).lower()
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def _is_sealed(value: Any) -> bool:
    """Personal data in the log can be compared with nothing."""
    return isinstance(value, str) and key_of(value) is not None


def _outside(value: Any, said: Mapping[str, Any]) -> str | None:
    """Which limit a value of the right type is beyond."""
    if isinstance(value, str):
        return _length(value, said)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    least, most = said.get("min"), said.get("max")
    if least is not None and value < least:
        return f"must be at least {least}"
    return f"must be at most {most}" if most is not None and value > most else None


def _length(value: str, said: Mapping[str, Any]) -> str | None:
    least, most, pattern = said.get("minlength"), said.get("maxlength"), said.get("pattern")
    if least is not None and len(value) < least:
        return f"must have at least {least} characters"
    if most is not None and len(value) > most:
        return f"must have at most {most} characters"
    anywhere = bool(said.get("anywhere"))
    if pattern is None or (matcher := compiled(pattern, anywhere=anywhere)) is None:
        return None
    if len(value) > MOST:
        return f"must have at most {MOST} characters"
    found = matcher.search(value) if anywhere else matcher.fullmatch(value)
    return None if found else "does not have the form that is asked for"


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


def _list(value: Any, field: Field) -> str | None:
    allowed = [one["id"] for one in field.get("values") or ()]
    if not isinstance(value, list):
        return "must be a list"
    return None if not allowed or all(one in allowed for one in value) else f"may have {', '.join(map(str, allowed))}"


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
    "list": _list,
}
