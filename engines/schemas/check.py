"""A schema at deployment: whether it is one, and whether a value can be judged by it in bounded time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError

from domain.errors import InvalidDefinition, InvalidValue
from domain.requests.patterns import compiled
from domain.values import check
from engines.schemas.parts import Path, Schema, parts, refused, target

Draft: TypeAlias = Any
"""A class of `jsonschema` that judges."""

MOST_BYTES = 512 * 1024
MOST_PARTS = 1000
"""Each counted as often as it is referred to: a value is judged by so many at most."""
_NEWEST = "https://json-schema.org/draft/2020-12/schema"
_DRAFTS: Mapping[str, Draft] = {
    "http://json-schema.org/draft-07/schema": Draft7Validator,
    _NEWEST: Draft202012Validator,
}
_NOT_HERE = ("$dynamicRef", "$recursiveRef", "unevaluatedProperties", "unevaluatedItems")
_AT_THE_TOP = ("$schema", "$id", "$anchor", "$dynamicAnchor")
_PATTERNS = FormatChecker(())


def _is_pattern(value: Any) -> bool:
    return not isinstance(value, str) or compiled(value, anywhere=True) is not None


# Asked of parts, too, that nothing refers to: of odd patterns `re` itself says more than that they are none.
_PATTERNS.checks("regex")(_is_pattern)


def is_schema(said: Mapping[str, Any]) -> bool:
    """Whether a JSON file that is deployed is a JSON Schema, and no form of form-js."""
    return "components" not in said and ("$schema" in said or isinstance(said.get("properties"), dict))


def key_of(said: Mapping[str, Any]) -> str | None:
    """By which name models ask with it: the last part of its `$id`, without an ending."""
    name = said.get("$id")
    last = name.rstrip("/#").rpartition("/")[2] if isinstance(name, str) else ""
    return last.removesuffix(".json").removesuffix(".schema") or None


def look_at(said: Mapping[str, Any], size: int) -> None:
    """Raises `InvalidDefinition`, with the place, for what is no schema of a form or cannot be judged."""
    _require_plain(said, size)
    references: dict[str, tuple[Path, Schema]] = {"": ((), said)}
    for number, (path, part) in enumerate(parts(said)):
        if number >= MOST_PARTS:
            raise refused(path, f"the schema has more than {MOST_PARTS} parts, with what is referred to")
        if isinstance(part, dict):
            _look_at_part(path, part)
            if "$ref" in part:
                references[part["$ref"]] = (path, target(said, part["$ref"], path))
    for path, found in references.values():
        _require_schema(draft(said), path, found)
    if said.get("type", "object") != "object" or not said.get("properties"):
        raise refused((), "a form is an object with properties")
    if not isinstance(said.get("uiSchema", {}), dict):
        raise refused(("uiSchema",), "this is no object")


def draft(said: Mapping[str, Any]) -> Draft:
    """By which draft a schema is judged, the newest where it does not say; raises `InvalidDefinition`."""
    name = said.get("$schema", _NEWEST)
    found = _DRAFTS.get(name.removesuffix("#")) if isinstance(name, str) else None
    if found is None:
        raise refused(("$schema",), f"one of {', '.join(_DRAFTS)} is understood")
    return found


def _require_plain(said: Mapping[str, Any], size: int) -> None:
    if size > MOST_BYTES:
        raise InvalidDefinition(f"the schema has more than {MOST_BYTES // 1024} KiB")
    try:
        check(said, "the schema")
    except InvalidValue as error:
        raise InvalidDefinition(str(error)) from error
    for path, name in _names_below(said):
        raise refused((*path, name), "this is not judged here")


def _require_schema(judge: Draft, path: Path, part: Schema) -> None:
    try:
        judge.check_schema(part, format_checker=_PATTERNS)
    except SchemaError as error:
        raise refused((*path, *map(str, error.absolute_path)), error.message) from error
    except RecursionError as error:
        raise refused(path, "this is nested too deep") from error


def _names_below(part: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """What only may stand at the top, wherever it stands: it would change what references lead to, or who judges."""
    if isinstance(part, dict):
        if path:
            yield from ((path, name) for name in _AT_THE_TOP if isinstance(part.get(name), str))
        for name, inner in part.items():
            yield from _names_below(inner, (*path, name))
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from _names_below(inner, (*path, str(number)))


def _look_at_part(path: Path, part: Mapping[str, Any]) -> None:
    for name in (*_NOT_HERE, *(_AT_THE_TOP if path else ())):
        if name in part:
            raise refused((*path, name), "this is not judged here")
    named = part.get("patternProperties")
    patterns = [("patternProperties", one) for one in named] if isinstance(named, dict) else []
    for name, pattern in [("pattern", part.get("pattern")), *patterns]:
        if isinstance(pattern, str) and compiled(pattern, anywhere=True) is None:
            said = f"{pattern!r} is no regular expression, or might take too long; one that begins with ^ takes less"
            raise refused((*path, name), said)
