"""What is wrong with a value, in the words in which all forms say it; it goes on from "this"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from domain.requests.patterns import MOST

_UNFIT = "does not fit what is asked for"
_TYPES = {
    "string": "must be text",
    "integer": "must be a whole number",
    "number": "must be a number",
    "boolean": "must be true or false",
    "array": "must be a list",
}


def message(error: ValidationError) -> str:
    """The message of an error of `jsonschema`."""
    say = _SAID.get(str(error.validator))
    return say(error.validator_value, error.instance) if say else _UNFIT


def _type(said: Any, _: Any) -> str:
    named = [one for one in ([said] if isinstance(said, str) else said) if one != "null"]
    return _TYPES.get(named[0], _UNFIT) if len(named) == 1 else _UNFIT


def _enum(said: Any, _: Any) -> str:
    return f"must be one of {', '.join(map(str, said))}"


def _pattern(_: Any, value: Any) -> str:
    long = len(value) > MOST
    return f"must have at most {MOST} characters" if long else "does not have the form that is asked for"


def _format(said: Any, _: Any) -> str:
    return "must be an ISO-8601 date" if said == "date" else f"is no valid {said}"


def _fixed(text: str) -> Callable[[Any, Any], str]:
    return lambda said, _: text.format(said)


_SAID: Mapping[str, Callable[[Any, Any], str]] = {
    "required": _fixed("is required"),
    "dependentRequired": _fixed("is required"),
    "dependencies": _fixed("is required"),
    "properties": _fixed("is not asked for"),
    "patternProperties": _fixed("is not asked for"),
    "additionalProperties": _fixed("is not asked for"),
    "type": _type,
    "enum": _enum,
    "const": _fixed("must be one of {}"),
    "minimum": _fixed("must be at least {}"),
    "maximum": _fixed("must be at most {}"),
    "exclusiveMinimum": _fixed("must be more than {}"),
    "exclusiveMaximum": _fixed("must be less than {}"),
    "multipleOf": _fixed("must be a multiple of {}"),
    "minLength": _fixed("must have at least {} characters"),
    "maxLength": _fixed("must have at most {} characters"),
    "pattern": _pattern,
    "format": _format,
    "minItems": _fixed("must have at least {} entries"),
    "maxItems": _fixed("must have at most {} entries"),
    "minProperties": _fixed("must have at least {} entries"),
    "maxProperties": _fixed("must have at most {} entries"),
    "uniqueItems": _fixed("must not have the same entry twice"),
}
