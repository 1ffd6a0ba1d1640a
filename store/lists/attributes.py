"""What one can filter tasks by, and which values there are: only from what the asker sees, for auto-complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.access import User
from domain.query.condition import Comparison, stored_name
from domain.query.fields import TASK
from domain.query.task_query import MOST_VALUES, TaskQuery
from domain.values import fold
from store.lists.pages import MAX_MILLIS, Collections, in_time, translate_mongo_errors
from store.lists.task_query import tasks_of

LOOKED_AT: Final = 2_000
"""Tasks, the first of the list, whose values are looked at."""
MOST_NAMES: Final = 1_000
_DISTINCT = 5_000
_TYPES: Final = {
    **dict.fromkeys(("int", "long", "double"), "number"),
    "string": "text",
    "bool": "boolean",
}

Document = dict[str, Any]


class Attributes:
    """All methods raise `TooBroad` and `StoreUnavailable`."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def paths(self, query: TaskQuery) -> dict[str, list[str]]:
        """The paths in payloads of tasks, and of entries they are about, with the kinds of their values."""
        types: Document = {"$addToSet": {"$type": "$leaf.v"}}
        stages = [*_leaves(query), {"$group": {"_id": "$leaf.k", "types": types}}, {"$limit": MOST_NAMES}]
        found = {
            one["_id"]: sorted({_TYPES[name] for name in one["types"] if name in _TYPES}) for one in self._ask(stages)
        }
        return {name: kinds for name, kinds in sorted(found.items()) if kinds}

    def values(self, query: TaskQuery, named: Comparison, begins: str) -> list[Any]:
        """The values of a field or a path, the most frequent first."""
        match named.of:
            case "payload":
                of_path = [{"$match": {"leaf.k": named.path}}]
                stages = [*_leaves(query), *of_path, {"$project": {"value": "$leaf.v"}}]
            case "entry":
                stages = [
                    *_looked_at(query),
                    *_seen_entries(query.user),
                    {"$project": {"value": f"$entry.{named.path}"}},
                ]
            case _:
                stages = [*_looked_at(query), {"$project": {"value": f"${stored_name(named.path)}"}}]
                stages += [{"$unwind": "$value"}] if named.path in TASK.lists else []
        counted: list[Document] = [
            {"$match": {"value": {"$not": {"$type": ["null", "object", "undefined"]}, "$exists": True}}},
            {"$group": {"_id": "$value", "count": {"$sum": 1}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": _DISTINCT},
        ]
        found = [one["_id"] for one in self._ask([*stages, *counted])]
        return [value for value in found if fold(str(value)).startswith(fold(begins))][:MOST_VALUES]

    def _ask(self, stages: Sequence[Mapping[str, Any]]) -> list[Document]:
        with translate_mongo_errors(), in_time():
            return list(self._views["task"].aggregate(list(stages), maxTimeMS=MAX_MILLIS))


def _looked_at(query: TaskQuery) -> list[Document]:
    return [{"$match": tasks_of(query)}, {"$limit": LOOKED_AT}]


def _leaves(query: TaskQuery) -> list[Document]:
    """A document for each value in the payload of a task, or of an entry it is about that the asker may see."""
    of_entries = {
        "$reduce": {
            "input": _visible(query.user),
            "initialValue": [],
            "in": {"$concatArrays": ["$$value", "$$this.leaves"]},
        }
    }
    leaves = {"$concatArrays": [{"$ifNull": ["$leaves", []]}, of_entries]}
    return [*_looked_at(query), {"$project": {"leaf": leaves}}, {"$unwind": "$leaf"}]


def _seen_entries(user: User) -> list[Document]:
    return [{"$project": {"entry": _visible(user)}}, {"$unwind": "$entry"}]


def _visible(user: User) -> Document:
    conditions: list[Document] = [{"$eq": ["$$this.deleted", False]}]
    if not user.is_operator:
        mine = {"$setIntersection": ["$$this.principals", {"$literal": list(user.principals)}]}
        conditions.append({"$ne": [mine, []]})
    if user.application is not None:
        conditions.append({"$eq": ["$$this.application", {"$literal": user.application}]})
    return {"$filter": {"input": {"$ifNull": ["$entries", []]}, "cond": {"$and": conditions}}}
