"""What a schema asks for, as fields: for lists of questions, and for who cannot draw the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engines.schemas.parts import Schema, resolved

_LIMITS = {"minimum": "min", "maximum": "max", "minLength": "minlength", "maxLength": "maxlength", "pattern": "pattern"}
_TYPES = {"string": "string", "integer": "long", "number": "double", "boolean": "boolean"}
_LIMITED = ("string", "long", "double")
_ANYTHING = "json"


def fields(said: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One per property, as `engines.spiff.form_fields.field` describes it; none asks more than the schema does."""
    required = said.get("required", ())
    for name, part in said["properties"].items():
        found = resolved(said, part)
        if found is not False:
            yield _field(name, found if isinstance(found, dict) else {}, required=name in required)


def is_read_only(part: Schema) -> bool:
    """Whether it only shows a value."""
    return isinstance(part, dict) and part.get("readOnly") is True


def _field(name: str, said: Mapping[str, Any], *, required: bool) -> Mapping[str, Any]:
    kind, values = _type(said)
    limits = {ours: said[theirs] for theirs, ours in _LIMITS.items() if theirs in said and kind in _LIMITED}
    if "pattern" in limits:
        limits["anywhere"] = True
    if is_read_only(said):
        limits["readonly"] = True
    made = {
        "id": name,
        "label": said.get("title"),
        "type": kind,
        "default": said.get("default"),
        # An empty list may be an answer, and so may nothing.
        "required": required and kind != "list" and not _may_be_null(said),
        "values": values,
        "constraints": limits,
    }
    return made | ({"description": said["description"]} if "description" in said else {})


def _type(said: Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]]]:
    """The type of a field that allows at least as much, and what can be chosen."""
    if (values := _choices(said)) is not None:
        return ("enum", values) if values else (_ANYTHING, [])
    named = [one for one in _types(said) if one != "null"]
    if named == ["array"]:
        return _list(said.get("items"))
    if named == ["string"] and said.get("format") == "date":
        return "date", []
    return (_TYPES.get(named[0], _ANYTHING) if len(named) == 1 else _ANYTHING), []


def _list(items: Schema) -> tuple[str, list[Mapping[str, Any]]]:
    chosen = _choices(items) if isinstance(items, dict) else None
    is_text = isinstance(items, dict) and _types(items) == ["string"]
    return ("list", chosen or []) if chosen or (is_text and chosen is None) else (_ANYTHING, [])


def _types(said: Mapping[str, Any]) -> list[str]:
    named = said.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def _choices(said: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """None where nothing is listed, and nothing where that is no text, as choices of fields are."""
    if "enum" in said:
        found: list[Mapping[str, Any]] = [{"id": one, "name": one} for one in said["enum"] if one is not None]
    elif all(isinstance(one, dict) and "const" in one for one in said.get("oneOf", [None])):
        found = [{"id": one["const"], "name": one.get("title", one["const"])} for one in said["oneOf"]]
    else:
        return None
    return found if all(isinstance(one["id"], str) for one in found) else []


def _may_be_null(said: Mapping[str, Any]) -> bool:
    return "null" in (_types(said) or ["null"]) or None in said.get("enum", ())
