"""The task query told to MongoDB; means exactly what `domain.query.task_query.matches` means."""

from __future__ import annotations

from typing import Any

from domain.access import OPERATORS, User
from domain.query.fields import TASK
from domain.query.searched import LAST
from domain.query.task_query import TaskQuery
from store.lists.conditions import Asked, bound, has_words, to_mongo


def tasks_of(query: TaskQuery) -> Asked:
    """Scope and rights first, so that an index on who may see can answer."""
    conditions = [
        in_scope(query),
        bound(query.user),
        in_time(query),
        *(to_mongo(test, TASK, query.user) for test in query.filters),
        *has_words(query.words, TASK, query.user),
    ]
    return {"$and": [condition for condition in conditions if condition]}


def may_read(user: User) -> Asked:
    """Who may read one task, open or ended: whoever it is visible to, and who completed it."""
    if user.is_operator:
        return {"principals": {"$exists": True}}
    done = {"completedBy": user.name, **of_tenants(user)}
    return {"$or": [{"principals": {"$in": list(user.principals)}}, done], **bound(user)}


def of_tenants(user: User) -> Asked:
    """What belongs to no tenant, or to one of theirs; principals of tasks and entries say so already."""
    return {} if user.is_operator else {"tenantId": {"$in": [None, "", *user.tenants]}}


def in_scope(query: TaskQuery) -> Asked:
    """What the scope and the rights of whoever asks leave."""
    user = query.user
    match query.scope:
        case "completed":
            return {"completedBy": user.name, "state": "completed", **of_tenants(user)}
        case "involved":
            return {"$and": [{"involved": user.name}, may_read(user)]}
        case "mine":
            return {"assignee": user.name, "state": "open", **of_tenants(user)}
        case "group":
            return {"principals": _one_of(user.group_principals), "state": "open"}
        case "unassigned":
            # Equal to what stands for nobody: that an index knows without the document, of null it does not.
            return {**_visible(user), "state": "open", "order.up.assignee": LAST}
    return {**_visible(user), "state": "open"}


def _visible(user: User) -> Asked:
    """Every task is offered to operators, whatever else they are."""
    return {"principals": OPERATORS if user.is_operator else _one_of(user.principals)}


def _one_of(values: tuple[str, ...]) -> Any:
    return values[0] if len(values) == 1 else {"$in": list(values)}


def in_time(query: TaskQuery) -> Asked:
    """Deferred tasks, or those that are not, or both."""
    if query.deferred == "show" or query.scope in ("completed", "involved"):
        return {}
    later = {"$gt": query.now}
    return {"followUpDate": later if query.deferred == "only" else {"$not": later}}
