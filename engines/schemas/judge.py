"""Variables judged by the schema they were asked with: by `jsonschema`, with errors at the place they belong to."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from referencing import Registry

from domain.requests.forms import FieldProblem
from domain.requests.patterns import MOST, compiled
from engines.schemas.check import Draft, draft
from engines.schemas.fields import is_read_only
from engines.schemas.parts import Schema, properties_of, resolved
from engines.schemas.words import message

MOST_VALUES = 50_000
"""Of an answer, each entry and each property counted."""
_MOST_PROBLEMS = 50
_MOST_OF_ONE = 10
"""Problems that one of several alternatives is looked at for."""
_FORMATS = FormatChecker(("date", "email", "ipv4", "ipv6", "uuid"))
"""All others are told to who draws the form, and judged by nobody."""
Errors = Iterator[ValidationError]


def _is_moment(value: Any) -> bool:
    return not isinstance(value, str) or ("T" in value and datetime.fromisoformat(value).tzinfo is not None)


_FORMATS.checks("date-time", raises=ValueError)(_is_moment)


def problems(said: Mapping[str, Any], variables: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong, by path (`guests.0.name`), at most one problem per place and fifty in all."""
    if (name := _too_much(variables)) is not None:
        return [FieldProblem(name, f"is too much: at most {MOST_VALUES} values are judged")]
    shown = {name for name, part in said["properties"].items() if is_read_only(resolved(said, part))}
    # With nothing that could be fetched, whatever a reference says.
    judge = _judge(draft(said))(said, registry=Registry(), format_checker=_FORMATS)
    found: dict[str, str] = {}
    for error in islice(judge.iter_errors(_given(judge, variables)), _MOST_PROBLEMS):
        path = list(error.absolute_path)
        # What only is shown is compared with what it was; who fills in the form could not put it right.
        if not path or path[0] not in shown:
            found.setdefault(".".join(map(str, path)), message(error))
    return [FieldProblem(path, text) for path, text in found.items()]


def _given(judge: Any, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what is asked for and nothing: that is no answer, unless it is one that is asked for."""
    asked: dict[str, list[Schema]] = {}
    for name, part in properties_of(judge.schema, judge.schema) if None in variables.values() else ():
        asked.setdefault(name, []).append(part)

    def says_something(name: str) -> bool:
        return name not in asked or any(judge.evolve(schema=one).is_valid(None) for one in asked[name])

    return {name: value for name, value in variables.items() if value is not None or says_something(name)}


def _too_much(variables: Mapping[str, Any]) -> str | None:
    """The variable with which there is more than is judged."""
    count = 0
    for name, value in variables.items():
        count += sum(1 for _ in islice(_values(value), MOST_VALUES + 1))
        if count > MOST_VALUES:
            return name
    return None


def _values(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _values(inner)


@lru_cache(maxsize=2)
def _judge(by: Draft) -> Draft:
    ours = {
        "required": _required,
        ("dependencies" if by is Draft7Validator else "dependentRequired"): _dependent,
        "properties": _properties,
        "additionalProperties": _additional,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "multipleOf": _multiple,
        "uniqueItems": _unique,
        "anyOf": _any,
        "oneOf": _one,
    }
    return extend(by, ours)


def _required(judge: Any, names: Any, instance: Any, _: Schema) -> Errors:
    """Said of the one that is missing, not of what it is missing in."""
    if judge.is_type(instance, "object"):
        yield from (ValidationError("", path=(name,)) for name in names if name not in instance)


def _dependent(judge: Any, said: Any, instance: Any, schema: Schema) -> Errors:
    for name, asked in said.items():
        if not judge.is_type(instance, "object") or name not in instance:
            continue
        if isinstance(asked, list):
            yield from _required(judge, asked, instance, schema)
        else:
            yield from judge.descend(instance, asked, schema_path=name)


def _properties(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    for name, inner in said.items() if judge.is_type(instance, "object") else ():
        if name in instance:
            yield from _inner(judge, instance[name], inner, name)


def _additional(judge: Any, said: Any, instance: Any, schema: Schema) -> Errors:
    """Said of the one that is too many."""
    if not judge.is_type(instance, "object"):
        return
    patterns = schema.get("patternProperties", ())
    for name, value in instance.items():
        if name not in schema.get("properties", ()) and not any(_matches(one, name) for one in patterns):
            yield from _inner(judge, value, said, name)


def _pattern(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    if judge.is_type(instance, "string") and not _matches(said, instance):
        yield ValidationError("")


def _pattern_properties(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    if not judge.is_type(instance, "object"):
        return
    for pattern, inner in said.items():
        for name, value in instance.items():
            if _matches(pattern, name):
                yield from _inner(judge, value, inner, name)


def _inner(judge: Any, value: Any, said: Schema, name: str) -> Errors:
    """Also where nothing may be there: `jsonschema` forgets of what it says so."""
    if said is False:
        yield ValidationError("", path=(name,))
    else:
        yield from judge.descend(value, said, path=name)


def _matches(pattern: str, text: str) -> bool:
    """Whether a part of it does, in bounded time: of long texts none does."""
    matcher = compiled(pattern, anywhere=True)
    return matcher is not None and len(text) <= MOST and matcher.search(text) is not None


def _multiple(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    """By the numbers as they are written, of which 19.99 is a multiple of 0.01."""
    if judge.is_type(instance, "number") and _written(instance) % _written(said):
        yield ValidationError("")


def _unique(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    if said and judge.is_type(instance, "array") and len({_same(one) for one in instance}) < len(instance):
        yield ValidationError("")


def _same(value: Any) -> Hashable:
    """Equal for what is the same JSON: 1 is 1.0 and not true, and the order of properties is none."""
    if isinstance(value, dict):
        return dict, frozenset((name, _same(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return list, tuple(map(_same, value))
    return isinstance(value, bool), value


def _any(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    yield from _nearest(judge, said, instance)[1]


def _one(judge: Any, said: Any, instance: Any, _: Schema) -> Errors:
    fitting, wrong = _nearest(judge, said, instance)
    yield from wrong
    if any(judge.evolve(schema=one).is_valid(instance) for one in fitting):
        yield ValidationError("")


def _nearest(judge: Any, said: Any, instance: Any) -> tuple[Iterator[Schema], list[ValidationError]]:
    """What there is after the first that fits, or what is wrong with the one that fits best."""
    left, best = iter(said), None
    for number, part in enumerate(left):
        found = list(islice(judge.descend(instance, part, schema_path=number), _MOST_OF_ONE))
        if not found:
            return left, []
        best = found if best is None or len(found) < len(best) else best
    # What is of another type altogether, or not the one constant, is wrong as a whole.
    return left, best if best and any(one.path for one in best) else [ValidationError("")]


def _written(number: float) -> Fraction:
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)
