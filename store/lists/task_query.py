"""The task query told to MongoDB; means exactly what `domain.query.matches` means."""

from __future__ import annotations

import re
from typing import Any

from domain.access import User
from domain.aggregates.task_document import SORTABLE_TEXT
from domain.query import Filter, TaskQuery
from domain.values import fold

Condition = dict[str, Any]

_LISTS = ("candidateUsers", "candidateGroups")
_OPERATORS = {"=": "$eq", "!=": "$ne", ">": "$gt", ">=": "$gte", "<": "$lt", "<=": "$lte"}
_INT64 = 2**63


def to_mongo(query: TaskQuery) -> Condition:
    """Scope and rights first, so that an index on who may see can answer."""
    conditions = [
        _scope(query),
        bound(query.user),
        _in_time(query),
        *map(_holds, query.filters),
        *map(_has_word, query.words),
    ]
    return {"$and": [condition for condition in conditions if condition]}


def may_read(user: User) -> Condition:
    """Who may read one task, open or ended: whoever it is visible to, and who completed it."""
    if user.is_operator:
        return {"principals": {"$exists": True}}
    return {"$or": [{"principals": {"$in": list(user.principals)}}, {"completedBy": user.name}], **bound(user)}


def bound(user: User) -> Condition:
    """A service sees its own application's and nothing else."""
    return {} if user.application is None else {"application": user.application}


def _scope(query: TaskQuery) -> Condition:
    user = query.user
    match query.scope:
        case "completed":
            return {"completedBy": user.name, "state": "completed"}
        case "mine":
            return {"assignee": user.name, "state": "open"}
        case "group":
            return {"candidateGroups": _one_of(user.groups), "state": "open"}
        case "unassigned":
            return {**_visible(user), "state": "open", "assignee": None}
    return {**_visible(user), "state": "open"}


def _visible(user: User) -> Condition:
    """An operator's condition is always true, but only their index has it: nobody else's query is tempted by that."""
    return {"aggregate": "task"} if user.is_operator else {"principals": _one_of(user.principals)}


def _one_of(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else {"$in": list(values)}


def _in_time(query: TaskQuery) -> Condition:
    if query.deferred == "show" or query.scope == "completed":
        return {}
    later = {"$gt": query.now}
    return {"followUpDate": later if query.deferred == "only" else {"$not": later}}


def _has_word(word: str) -> Condition:
    return {"text": {"$regex": _literal(word)}}


def _holds(test: Filter) -> Condition:
    values = [_storable(value) for value in test.values]
    if test.path in _LISTS:
        return _list_holds(test, values)
    if test.op == "~":
        return _contains(test.path, str(values[0]))
    return {test.path: _comparison(test.op, values)}


def _list_holds(test: Filter, values: list[Any]) -> Condition:
    """Any element may match; an empty list is `= null`, and a range must hold for one and the same element."""
    if test.op == "!=":
        return {test.path: {"$not": {"$elemMatch": {"$eq": values[0]}}}}
    held = {test.path: {"$elemMatch": _comparison(test.op, values)}}
    return {"$or": [held, {test.path: {"$size": 0}}]} if (test.op, values) == ("=", [None]) else held


def _comparison(op: str, values: list[Any]) -> Condition:
    match op:
        case "in":
            return {"$in": values}
        case "[]":
            return {"$gte": values[0], "$lte": values[1]}
        case "~":
            return {"$regex": _literal(str(values[0])), "$options": "i"}
    return {_OPERATORS[op]: values[0]}


def _contains(path: str, wanted: str) -> Condition:
    """Fields that are kept folded are compared folded; the others by the database's own idea of case."""
    if path in SORTABLE_TEXT:
        return {f"order.down.{path}": {"$regex": _literal(fold(wanted))}}
    return {path: _comparison("~", [wanted])}


def _literal(text: str) -> str:
    return re.escape(text).replace("\0", "\\x00")


def _storable(value: Any) -> Any:
    """Integers beyond 64 bits still compare, as what lies beyond every stored number."""
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        return float("inf") if value > 0 else float("-inf")
    return value
