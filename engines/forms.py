"""Forms that are files of their own (JSON), as the fields that a task asks for: Camunda forms and JSON Schemas.

Source: the schema of form-js, https://github.com/bpmn-io/form-js. Computed and repeated parts are left to whoever shows
the whole form; here counts what the engine can judge, and a part that may be hidden is not required. What a JSON Schema
says is judged whole, see `engines.schemas`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from domain.deployment import FormFile
from domain.errors import InvalidDefinition
from domain.requests.forms import FieldProblem
from domain.requests.patterns import compiled
from engines.schemas import check, fields, judge

Component = Mapping[str, Any]
Fields = tuple[Mapping[str, Any], ...]
Find = Callable[[str, int | None], FormFile | None]

_TYPES: Mapping[str, Callable[[Component], str]] = {
    "textfield": lambda _: "string",
    "textarea": lambda _: "string",
    "checkbox": lambda _: "boolean",
    "number": lambda said: "string" if said.get("serializeToString") else _number(said),
    "datetime": lambda said: "string" if said.get("subtype") == "time" else "date",
    "select": lambda said: "enum" if _values(said) else "string",
    "radio": lambda said: "enum" if _values(said) else "string",
    "checklist": lambda _: "list",
    "taglist": lambda _: "list",
}
"""What a component gives, by its type; all others only show something, or are made of others."""
_LIMITS = {"min": "min", "max": "max", "minLength": "minlength", "maxLength": "maxlength", "pattern": "pattern"}
_DEEPEST = 20
IN_MODEL = "camunda-forms:bpmn:"
"""How Camunda 8 names a form that stands in the model."""
_FILE = re.compile(r"camunda-forms:(?:deployment|app):(?:.*/)?([^/]+)\.form")
"""How Camunda 7 names a form by its file, which is mostly called as the form is."""


class Named(NamedTuple):
    """A form by its id: one version, the newest of a tag, or the newest."""

    key: str
    version: int | None
    tag: str | None


class Asked(NamedTuple):
    """What a task or a start asks: its fields, and the form that draws them, `{key, version}`, where there is one."""

    fields: Fields
    reference: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form by its `id`, which models name, and its fields as `engines.spiff.form_fields.field` describes them."""

    key: str
    version_tag: str | None
    fields: Fields
    schema: Mapping[str, Any] | None = None
    """By which it is judged whole, where it is a JSON Schema."""


def is_form(source: bytes) -> bool:
    """Whether a file can only be a form: JSON and no XML."""
    return source.lstrip().startswith(b"{")


@lru_cache(maxsize=256)
def read(source: bytes) -> Form:
    """Read a form; raises `InvalidDefinition`."""
    said = _json(source)
    if check.is_schema(said):
        return _schema_form(said, len(source))
    key, parts = said.get("id"), said.get("components")
    if not isinstance(key, str) or not key:
        raise InvalidDefinition("the form has no id, by which a task could name it")
    if not isinstance(parts, list):
        raise InvalidDefinition(f"the form {key!r} has no components")
    tag = said.get("versionTag")
    return Form(key, tag if isinstance(tag, str) else None, tuple(_fields(parts, 0)))


def problems(find: Find, reference: Mapping[str, Any] | None, variables: Mapping[str, Any]) -> list[FieldProblem]:
    """What is wrong by the form that is referred to, beyond what its fields say: nothing, but of a JSON Schema."""
    version = reference["version"] if reference else None
    file = find(reference["key"], version) if reference and version is not None else None
    schema = read(file.source).schema if file else None
    return judge.problems(schema, variables) if schema else []


def embedded(text: str | None) -> Fields:
    """The fields of a form that stands in the model itself, where it needs no id; raises `InvalidDefinition`."""
    said = _json((text or "").encode())
    if check.is_schema(said):
        raise InvalidDefinition("a JSON Schema is a form of its own: deploy it beside the model")
    return tuple(_fields(said.get("components") or [], 0))


def schema(source: bytes) -> Mapping[str, Any]:
    """All that a form says, for whoever draws it; raises `InvalidDefinition`."""
    return _json(source)


def asked(own: Fields, said: Mapping[str, Any], file: FormFile | None) -> Asked:
    """By the fields that stand in the model, what is said there of a form, and the form of its own that is named."""
    key = said.get("formKey") or ""
    if key.startswith(IN_MODEL):
        return Asked(own, {"key": key.removeprefix(IN_MODEL), "version": None})
    if file is None:
        return Asked(own)
    form = read(file.source)
    # Beside fields of the model's own a form draws only a part of what is asked.
    return Asked((*own, *form.fields), None if own else {"key": form.key, "version": file.version})


def named(said: Mapping[str, Any]) -> Named | None:
    """The form that a task or a start event names by its attributes; None where it names none."""
    file = _FILE.fullmatch(said.get("formKey") or "")
    key = said.get("formRef") or (file[1] if file else None)
    if not key:
        return None
    binding, version = said.get("formRefBinding"), str(said.get("formRefVersion") or "")
    number = int(version) if binding == "version" and version.isdecimal() else None
    return Named(key, number, said.get("formRefVersionTag") if binding == "versionTag" else None)


def _json(source: bytes) -> dict[str, Any]:
    try:
        said = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise InvalidDefinition(f"the form is no JSON: {error}", line=getattr(error, "lineno", None)) from error
    if not isinstance(said, dict):
        raise InvalidDefinition("the form is no JSON object")
    return said


def _schema_form(said: Mapping[str, Any], size: int) -> Form:
    key, tag = check.key_of(said), said.get("versionTag")
    if key is None:
        raise InvalidDefinition("the schema has no $id, by which a task could name it")
    check.look_at(said, size)
    return Form(key, tag if isinstance(tag, str) else None, tuple(fields.fields(said)), said)


def _fields(components: list[Any], depth: int) -> Iterator[Mapping[str, Any]]:
    if depth > _DEEPEST:
        raise InvalidDefinition(f"the form is nested more than {_DEEPEST} deep")
    for one in components:
        if not isinstance(one, dict):
            raise InvalidDefinition("a component of the form is no object")
        key, kind = one.get("key"), one.get("type")
        if kind in _TYPES and isinstance(key, str) and key.isidentifier():
            yield _field(key, one)
        elif kind == "group" and not one.get("path"):
            hidden = {"conditional": one["conditional"]} if one.get("conditional") else {}
            inner = [{**hidden, **part} if isinstance(part, dict) else part for part in one.get("components") or ()]
            yield from _fields(inner, depth + 1)


def _field(key: str, said: Component) -> Mapping[str, Any]:
    checked = said.get("validate")
    checked = checked if isinstance(checked, dict) else {}
    limits = {ours: checked[name] for name, ours in _LIMITS.items() if _is_limit(name, checked.get(name))}
    if "pattern" in limits:
        # As in form-js, of which only a part has to match.
        limits["anywhere"] = True
    if said.get("readonly") is True or said.get("disabled") is True:
        limits["readonly"] = True
    made = {
        "id": key,
        "label": said.get("label") if isinstance(said.get("label"), str) else None,
        "type": _TYPES[str(said["type"])](said),
        "default": said.get("defaultValue"),
        "required": checked.get("required") is True and not said.get("conditional"),
        "values": [{"id": one["value"], "name": one.get("label") or one["value"]} for one in _values(said)],
        "constraints": limits,
    }
    unchecked = [
        {"name": name, "config": value}
        for name, value in checked.items()
        if name in _LIMITS and value not in (None, "") and not _is_limit(name, value)
    ]
    return made | ({"unchecked": unchecked} if unchecked else {})


def _values(said: Component) -> list[Component]:
    """What can be chosen, as far as the form itself says it."""
    given = said.get("values")
    return [one for one in given if isinstance(one, dict) and "value" in one] if isinstance(given, list) else []


def _number(said: Component) -> str:
    return "long" if said.get("decimalDigits") == 0 else "double"


def _is_limit(name: str, value: Any) -> bool:
    """What is computed, `=…`, is nobody's to check here."""
    if name == "pattern":
        return isinstance(value, str) and bool(value) and compiled(value, anywhere=True) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)
