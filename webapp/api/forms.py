"""What the bodies of commands hold, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import request

from domain.errors import InvalidVariables, Refused
from domain.values import check, iso, parse_time
from webapp.api.schemas import BulkBody, ChangeBody
from webapp.problems import UnsupportedMediaType
from webapp.services import services

MOST_VARIABLES = 256 * 1024
"""Bytes of the variables of one command as JSON."""


def variables_of(given: Any, field: str = "variables") -> dict[str, Any]:
    """The variables of a body, none when absent; raises `InvalidVariables` and `InvalidValue`."""
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise InvalidVariables(errors=[{"field": field, "message": "must be a JSON object"}])
    check(given, field)
    if len(orjson.dumps(given)) > MOST_VARIABLES:
        raise invalid(field, f"must be at most {MOST_VARIABLES // 1024} KiB as JSON")
    return dict(given)


def moment_of(given: Any, name: str) -> str:
    """A time of a body, normalised; raises a 422 that names the field."""
    try:
        return iso(parse_time(given))
    except (TypeError, ValueError, OverflowError):
        raise invalid(name, "must be an ISO-8601 time") from None


def invalid(name: str, message: str) -> Refused:
    """Build a 422 about one field."""
    return InvalidVariables(f"{name} {message}", errors=[{"field": name, "message": message}])


def assignment_of(assignee: str | None) -> dict[str, Any]:
    """Whom to give a task to, with what decides whether they may have it; raises `InvalidVariables`."""
    user = services().accounts.user(assignee) if assignee else None
    if assignee is not None and user is None:
        raise invalid("assignee", f"{assignee!r} is nobody known here")
    said = {"assignee": assignee, "groups": list(user.groups) if user else []}
    if assigners := services().settings.assigning_groups:
        said["assigners"] = list(assigners)
    return {**said, "tenants": list(user.tenants)} if user and user.tenants else said


def changes_of(body: ChangeBody | BulkBody) -> dict[str, Any]:
    """What a body wants to change of a task, and nothing it does not speak of; raises `InvalidVariables`."""
    said = body.model_fields_set
    found: dict[str, Any] = {"priority": body.priority} if "priority" in said else {}
    if "due_date" in said:
        found["dueDate"] = None if body.due_date is None else moment_of(body.due_date, "dueDate")
    if "candidate_groups" in said:
        found["candidateGroups"] = _groups_of(body.candidate_groups or [])
        found["assigners"] = list(services().settings.assigning_groups)
    return found


def _groups_of(names: Sequence[str]) -> list[str]:
    known = {group for user in services().accounts.everybody() for group in user.groups}
    if unknown := next((name for name in names if name not in known), None):
        raise invalid("candidateGroups", f"nobody is in a group {unknown[:60]!r}")
    return sorted(set(names))


def said_of(body: BulkBody) -> str:
    """What a body says of tasks; raises `InvalidVariables`."""
    if body.text is None:
        raise invalid("text", "must be there: it is what is said")
    return body.text


def require_json() -> None:
    """Refuse a body that is there but cannot be read, which otherwise would count as none."""
    if request.mimetype == "application/json":
        request.get_json()
    elif request.get_data():
        raise UnsupportedMediaType("send application/json")
