"""What a person asks of the task list: one meaning, for the database and for the live list alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from domain.access import User, may_see
from domain.errors import BadRequest
from domain.query.condition import Condition, Present, comparisons, holds, matches_words

Scope: TypeAlias = Literal["visible", "mine", "group", "unassigned", "completed", "involved"]
Deferred: TypeAlias = Literal["hide", "show", "only"]
SCOPES: Final[tuple[Scope, ...]] = ("visible", "mine", "group", "unassigned", "completed", "involved")
COUNTED: Final[tuple[Scope, ...]] = SCOPES[:-1]
"""Those whose tasks are counted for everybody who opens the page."""
DEFERRED: Final[tuple[Deferred, ...]] = ("hide", "show", "only")
FACETS: Final = ("application", "processName", "assignee", "priority", "taskDefinitionKey")
"""Fields by whose values tasks can be counted."""
GROUPS: Final = "candidateGroups"
"""What tasks can be counted by as well, of whose values everybody is told their own only."""
MOST_VALUES: Final = 100
"""Values that are told of one facet, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks one person wants to see; `now` (ISO-8601 UTC) decides what is deferred. All filters must hold."""

    user: User
    now: str
    scope: Scope = "visible"
    filters: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()
    deferred: Deferred = "hide"

    @property
    def needs_payload(self) -> bool:
        """Whether it cannot be answered from a task whose payload was left out."""
        return bool(self.words) or any(one.of != "own" for test in self.filters for one in comparisons(test))

    @property
    def moves(self) -> bool:
        """Whether what is asked for changes by time alone: it is compared with the present."""
        return any(
            isinstance(value, Present) for test in self.filters for one in comparisons(test) for value in one.values
        )


def parse_facets(text: str | None) -> tuple[str, ...]:
    """Read `application,priority`; raises `BadRequest`."""
    parts = (part.strip().removeprefix("task.") for part in (text or "").split(","))
    fields = tuple(dict.fromkeys(part for part in parts if part))
    if unknown := [field for field in fields if field not in (*FACETS, GROUPS)]:
        raise BadRequest(f"facet: tasks are not counted by {unknown[0][:60]!r}; any of {', '.join((*FACETS, GROUPS))}")
    return fields


def counted_by(document: Mapping[str, Any], field: str, user: User) -> set[Any]:
    """The values of a facet that a task counts for: one, or of the groups it is offered to those of the user."""
    if field != GROUPS:
        return {document[field]}
    offered = set(document[GROUPS])
    return offered if user.is_operator else offered & set(user.groups)


def matches(document: Mapping[str, Any] | None, query: TaskQuery) -> bool:
    """Whether the task document belongs to the list asked for, rights included; None never does.

    One without its payload may have what is asked for.
    """
    return (
        document is not None
        and query.user.is_within(document["application"])
        and _in_scope(document, query)
        and _in_time(document, query)
        and all(_may_hold(document, test, query.user) for test in query.filters)
        and matches_words(document, query.words, query.user)
    )


def _may_hold(document: Mapping[str, Any], test: Condition, user: User) -> bool:
    if document.get("partial") and any(one.of != "own" for one in comparisons(test)):
        return True
    return holds(document, test, user)


def _in_scope(document: Mapping[str, Any], query: TaskQuery) -> bool:
    user = query.user
    if query.scope == "completed":
        return document["state"] == "completed" and _was_done_by(document, user)
    if query.scope == "involved":
        may_read = _visible(document, user) or _was_done_by(document, user)
        return may_read and user.name in (document.get("involved") or ())
    return document["state"] == "open" and _in_open_scope(document, query.scope, user)


def _in_open_scope(document: Mapping[str, Any], scope: Scope, user: User) -> bool:
    match scope:
        case "mine":
            return document["assignee"] == user.name and user.is_of(document.get("tenantId"))
        case "group":
            return not set(user.group_principals).isdisjoint(document["principals"])
        case "unassigned":
            return document["assignee"] is None and _visible(document, user)
    return _visible(document, user)


def _visible(document: Mapping[str, Any], user: User) -> bool:
    return may_see(user, document["principals"])


def _was_done_by(document: Mapping[str, Any], user: User) -> bool:
    return document["completedBy"] == user.name and user.is_of(document.get("tenantId"))


def _in_time(document: Mapping[str, Any], query: TaskQuery) -> bool:
    if query.deferred == "show" or query.scope in ("completed", "involved"):
        return True
    later = document["followUpDate"] is not None and document["followUpDate"] > query.now
    return later == (query.deferred == "only")
