"""What a person asks of the task list: one meaning, for the database and for the live list alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from domain.access import User
from domain.aggregates.task_document import SORTABLE_TEXT, SORTABLE_VALUES
from domain.errors import BadRequest
from domain.values import fold, iso, parse_time

Scope: TypeAlias = Literal["visible", "mine", "group", "unassigned", "completed"]
Deferred: TypeAlias = Literal["hide", "show", "only"]
SCOPES: tuple[Scope, ...] = ("visible", "mine", "group", "unassigned", "completed")
DEFERRED: tuple[Deferred, ...] = ("hide", "show", "only")
DEFAULT_SORT = "-priority,dueDate"
MOST_SORT_KEYS = 5

_TEXT = (
    *("id", "engineTaskId", "application", "name", "description", "taskDefinitionKey", "processDefinitionKey"),
    *("processDefinitionId", "processName", "processInstanceId", "businessKey", "formKey", "state", "assignee"),
    *("owner", "tenantId", "candidateUsers", "candidateGroups"),
)
_TIMES = ("createTime", "dueDate", "followUpDate")
_NUMBERS = ("priority",)
_OPERATORS = re.compile(r"\s*(\[\]|!=|>=|<=|=|>|<|~|\sin\s*(?=\())\s*")


FACETS = ("application", "processName", "assignee", "priority", "taskDefinitionKey")
"""Fields by whose values tasks can be counted."""
MOST_VALUES = 100
"""Values that are told of one facet, the most frequent ones."""


@dataclass(frozen=True, slots=True)
class Filter:
    """`path op value`; `in` holds several values, `[]` two."""

    path: str
    op: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TaskQuery:
    """Which tasks one person wants to see; `now` (ISO-8601 UTC) decides what is deferred."""

    user: User
    now: str
    scope: Scope = "visible"
    filters: tuple[Filter, ...] = ()
    words: tuple[str, ...] = ()
    deferred: Deferred = "hide"


@dataclass(frozen=True, slots=True)
class SortKey:
    """One field to sort by, missing values last in both directions."""

    field: str
    descending: bool

    @property
    def path(self) -> str:
        """Where the document keeps the comparable value."""
        return f"order.{'down' if self.descending else 'up'}.{self.field}"


def parse_sort(text: str | None) -> tuple[SortKey, ...]:
    """Read `-priority,dueDate`; raises `BadRequest`."""
    keys, parts = [], (text or DEFAULT_SORT).split(",")
    if len(parts) > MOST_SORT_KEYS:
        raise BadRequest(f"sort: at most {MOST_SORT_KEYS} fields, not {len(parts)}")
    for part in parts:
        field = part.strip().removeprefix("-").removeprefix("task.")
        if field not in SORTABLE_TEXT and field not in SORTABLE_VALUES:
            raise BadRequest(f"cannot sort by {field!r}; one of {', '.join((*SORTABLE_VALUES, *SORTABLE_TEXT))}")
        keys.append(SortKey(field, part.strip().startswith("-")))
    return tuple(keys)


def parse_facets(text: str | None) -> tuple[str, ...]:
    """Read `application,priority`; raises `BadRequest`."""
    parts = (part.strip().removeprefix("task.") for part in (text or "").split(","))
    fields = tuple(dict.fromkeys(part for part in parts if part))
    if unknown := [field for field in fields if field not in FACETS]:
        raise BadRequest(f"facet: tasks are not counted by {unknown[0][:60]!r}; any of {', '.join(FACETS)}")
    return fields


def parse_filter(text: str) -> Filter:
    """Read `task.priority >= 50`; raises `BadRequest` that says where it stopped."""
    found = _OPERATORS.search(text)
    if found is None:
        raise BadRequest(f"filter {text!r}: no operator; one of = != > >= < <= ~ in []")
    field, op, raw = text[: found.start()].strip(), found.group(1).strip(), text[found.end() :].strip()
    name = field.removeprefix("task.")
    if name == field or name not in (*_TEXT, *_TIMES, *_NUMBERS):
        raise BadRequest(f"filter {text!r}: unknown field {field!r} at character 1")
    values = tuple(_typed(name, part, text) for part in _parts(op, raw, text))
    if op not in ("=", "!=", "in") and None in values:
        raise BadRequest(f"filter {text!r}: null has no order; use = or !=")
    if op == "~" and name not in _TEXT:
        raise BadRequest(f"filter {text!r}: ~ is for text, {name} is not")
    return Filter("_id" if name == "id" else name, op, values)


def matches(document: Mapping[str, Any] | None, query: TaskQuery) -> bool:
    """Whether the task document belongs to the list asked for, rights included; None never does.

    One without its text may contain every word.
    """
    return (
        document is not None
        and query.user.is_within(document["application"])
        and _in_scope(document, query)
        and _in_time(document, query)
        and all(_holds(document.get(test.path), test) for test in query.filters)
        and (document["text"] is None or all(word in document["text"] for word in query.words))
    )


def _in_scope(document: Mapping[str, Any], query: TaskQuery) -> bool:
    user = query.user
    if query.scope == "completed":
        return bool(document["state"] == "completed" and document["completedBy"] == user.name)
    if document["state"] != "open":
        return False
    match query.scope:
        case "mine":
            return bool(document["assignee"] == user.name)
        case "group":
            return not set(user.groups).isdisjoint(document["candidateGroups"])
        case "unassigned":
            return document["assignee"] is None and _visible(document, user)
    return _visible(document, user)


def _visible(document: Mapping[str, Any], user: User) -> bool:
    return user.is_operator or not set(user.principals).isdisjoint(document["principals"])


def _in_time(document: Mapping[str, Any], query: TaskQuery) -> bool:
    if query.deferred == "show" or query.scope == "completed":
        return True
    later = document["followUpDate"] is not None and document["followUpDate"] > query.now
    return later == (query.deferred == "only")


def _holds(value: Any, test: Filter) -> bool:
    if isinstance(value, list | tuple):
        if test.op == "!=":
            return all(_holds(inner, test) for inner in value)
        return any(_holds(inner, test) for inner in value) or (not value and test == Filter(test.path, "=", (None,)))
    first = test.values[0]
    if test.op == "=":
        return bool(value == first)
    if test.op == "!=":
        return bool(value != first)
    if test.op == "in":
        return value in test.values
    return value is not None and _ordered(value, test)


def _ordered(value: Any, test: Filter) -> bool:
    first = test.values[0]
    match test.op:
        case ">":
            return bool(value > first)
        case ">=":
            return bool(value >= first)
        case "<":
            return bool(value < first)
        case "<=":
            return bool(value <= first)
        case "~":
            return bool(fold(first) in fold(value))
    return bool(first <= value <= test.values[1])


def _parts(op: str, raw: str, text: str) -> Sequence[str]:
    if op == "[]":
        parts = raw.split("|")
        if len(parts) != 2 or not all(part.strip() for part in parts):  # noqa: PLR2004 - a range has two ends
            raise BadRequest(f"filter {text!r}: a range is from|to")
        return [part.strip() for part in parts]
    if op == "in":
        if not (raw.startswith("(") and raw.endswith(")")):
            raise BadRequest(f"filter {text!r}: `in` needs (a,b)")
        return [part.strip() for part in raw[1:-1].split(",")]
    return [raw]


def _typed(name: str, raw: str, text: str) -> Any:
    quoted = len(raw) > 1 and raw[0] == raw[-1] == '"'
    plain = raw[1:-1] if quoted else raw
    if plain == "null" and not quoted:
        return None
    try:
        if name in _NUMBERS:
            return int(plain)
        return iso(parse_time(plain)) if name in _TIMES else plain
    except ValueError:
        wanted = "a whole number" if name in _NUMBERS else "an ISO-8601 time"
        raise BadRequest(f"filter {text!r}: {plain!r} is not {wanted}") from None
