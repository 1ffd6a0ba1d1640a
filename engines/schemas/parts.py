"""The parts a schema is made of, and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import unquote

from domain.errors import InvalidDefinition

Schema: TypeAlias = Any
"""A part of a schema: an object, or true or false."""
Path = tuple[str, ...]

_DEEPEST = 20
_ONE = ("not", "if", "then", "else", "contains", "items", "additionalItems", "additionalProperties", "propertyNames")
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems", "items")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "dependencies")
_OF_THE_SAME = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas", "dependencies")
_HERE = "#/"
_TOLD = ("title", "description", "default", "readOnly")
"""What counts beside a reference in every draft, where it is only told."""


def parts(said: Mapping[str, Any]) -> Iterator[tuple[Path, Schema]]:
    """Each part with its place, what is referred to as often as it is; raises `InvalidDefinition`."""
    return _parts(said, said, (), ())


def resolved(said: Mapping[str, Any], part: Schema) -> Schema:
    """A part, or what it refers to."""
    while isinstance(part, dict) and "$ref" in part:
        beside = {name: part[name] for name in _TOLD if name in part}
        part = target(said, part["$ref"], ())
        part = {**part, **beside} if isinstance(part, dict) else part
    return part


def target(said: Mapping[str, Any], reference: Any, path: Path) -> Schema:
    """What a reference leads to; raises `InvalidDefinition`."""
    if not isinstance(reference, str) or not reference.startswith(_HERE):
        raise refused((*path, "$ref"), f"only what stands in the schema itself, {_HERE}…, can be referred to")
    found: Schema = said
    for name in _names(reference):
        if isinstance(found, list) and name in map(str, range(len(found))):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found:
            found = found[name]
        else:
            raise refused((*path, "$ref"), f"{reference!r} is not there")
    return found


def properties_of(said: Mapping[str, Any], part: Schema) -> Iterator[tuple[str, Schema]]:
    """What parts that speak of the same object say of its properties, whichever of them counts."""
    found = resolved(said, part)
    if not isinstance(found, dict):
        return
    yield from found.get("properties", {}).items()
    for (name, *_), inner in _within(found):
        if name in _OF_THE_SAME:
            yield from properties_of(said, inner)


def refused(path: Path, text: str) -> InvalidDefinition:
    """What is wrong with a schema, and where."""
    where = "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in path)
    return InvalidDefinition(f"the schema at {where or '/'}: {text}", path=where or "/")


def _names(reference: str) -> Path:
    """The steps of a reference, as RFC 6901 reads what stands in an address: `#/a%20b/c~1d` leads to `a b`, `c/d`."""
    plain = unquote(reference.removeprefix(_HERE))
    return tuple(name.replace("~1", "/").replace("~0", "~") for name in plain.split("/"))


def _parts(said: Mapping[str, Any], part: Schema, path: Path, through: Sequence[Path]) -> Iterator[tuple[Path, Schema]]:
    if len(path) > 2 * _DEEPEST or len(through) > _DEEPEST:
        raise refused(path, f"this is nested more than {_DEEPEST} deep")
    yield path, part
    if not isinstance(part, dict):
        return
    if "$ref" in part:
        reference = part["$ref"]
        found = target(said, reference, path)
        if (names := _names(reference)) in through:
            raise refused((*path, "$ref"), f"{reference!r} leads back to itself")
        yield from _parts(said, found, path, (*through, names))
    for names, inner in _within(part):
        yield from _parts(said, inner, (*path, *names), through)


def _within(part: Mapping[str, Any]) -> Iterator[tuple[Path, Schema]]:
    for name in _ONE:
        if isinstance(inner := part.get(name), dict | bool):
            yield (name,), inner
    for name in _SEVERAL:
        if isinstance(inner := part.get(name), list):
            yield from (((name, str(number)), one) for number, one in enumerate(inner))
    for name in _NAMED:
        if isinstance(inner := part.get(name), dict):
            yield from (((name, key), one) for key, one in inner.items() if isinstance(one, dict | bool))
