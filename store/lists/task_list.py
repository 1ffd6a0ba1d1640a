"""The task list as people read it: filtered, sorted and paged in the database, rights in every query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from domain.access import User
from domain.query.sort import SortKey
from domain.query.task_query import COUNTED, MOST_VALUES, Scope, TaskQuery
from store.lists.pages import (
    EXACT_UP_TO,
    MAX_MILLIS,
    Collections,
    Document,
    Hints,
    Page,
    Place,
    count_up_to,
    find_page,
    in_time,
    translate_mongo_errors,
)
from store.lists.plans import plan
from store.lists.task_query import may_read, tasks_of
from store.views.indexes import FACETED, WORDS

Documents = Database[Document]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that tasks have, None included, and how many have it."""

    value: Any
    count: int


class TaskList:
    """Reads tasks for one person at a time; raises `StoreUnavailable` when MongoDB does not answer."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    @property
    def _tasks(self) -> Collection[Document]:
        return self._views["task"]

    def find(self, query: TaskQuery, sort: Sequence[SortKey], place: Place = Place()) -> Page:  # noqa: B008 - frozen
        """One page of what the query asks for; raises `BadRequest` for a size or token that cannot be, `TooBroad`."""
        with translate_mongo_errors(), in_time():
            chosen = plan(self._tasks, query, sort)
        wanted = {"$and": [chosen.among, tasks_of(query)]} if chosen.among else tasks_of(query)
        surely = None if chosen.surely is None else (chosen.surely, WORDS)
        return find_page(self._tasks, wanted, sort, place, Hints(chosen.find, chosen.count, surely))

    def counts(self, query: TaskQuery) -> dict[Scope, int]:
        """How many tasks each scope has, whatever the query's; not counted beyond 10,001. Raises `TooBroad`."""
        with translate_mongo_errors(), in_time():
            return {scope: self._count(replace(query, scope=scope)) for scope in COUNTED}

    def facets(self, query: TaskQuery, fields: Sequence[str]) -> dict[str, list[FacetValue]]:
        """How many of the tasks have which values of these fields, the most frequent first. Raises `TooBroad`."""
        if not fields:
            return {}
        counted = {field: _by_value(field) for field in fields}
        with translate_mongo_errors(), in_time():
            chosen = plan(self._tasks, query, ())
            plain = query.scope in ("visible", "group") and not query.filters and not query.words
            hint = FACETED if plain else chosen.count
            shown = {"_id": 0, **dict.fromkeys(fields, 1)}
            wanted = {"$and": [chosen.among, tasks_of(query)]} if chosen.among else tasks_of(query)
            pipeline: list[Document] = [{"$match": wanted}, {"$project": shown}, {"$facet": counted}]
            hinted: dict[str, Any] = {"hint": hint} if hint else {}
            [found] = self._tasks.aggregate(pipeline, maxTimeMS=MAX_MILLIS, **hinted)
        return {field: [FacetValue(one["_id"], one["count"]) for one in found[field]] for field in fields}

    def get(self, task_id: str, user: User) -> Document | None:
        """One task, open or ended, if this user may read it."""
        with translate_mongo_errors():
            return self._tasks.find_one({"_id": task_id, **may_read(user)})

    def several(self, task_ids: Sequence[str], user: User) -> dict[str, Document]:
        """Those of these tasks, open or ended, that this user may read, by id."""
        with translate_mongo_errors():
            found = self._tasks.find({"_id": {"$in": list(task_ids)}, **may_read(user)})
            return {one["_id"]: one for one in found}

    def current(self, task_id: str) -> Document | None:
        """One task whoever asks: only for showing people the outcome of what they were allowed to do."""
        with translate_mongo_errors():
            return self._tasks.find_one({"_id": task_id, "principals": {"$exists": True}})

    def history(self, task_id: str) -> list[Document]:
        """What happened to the task, oldest first; ask `get` first whether the asker may know."""
        with translate_mongo_errors():
            return list(
                self._views["task_history"].find({"taskKey": task_id}, sort=[("generation", 1), ("revision", 1)])
            )

    def _count(self, query: TaskQuery) -> int:
        chosen = plan(self._tasks, query, ())
        wanted = {"$and": [chosen.among, tasks_of(query)]} if chosen.among else tasks_of(query)
        return count_up_to(self._tasks, wanted, EXACT_UP_TO + 1, chosen.count)


def _by_value(field: str) -> list[Document]:
    counted = {"$group": {"_id": {"$ifNull": [f"${field}", None]}, "count": {"$sum": 1}}}
    return [counted, {"$sort": {"count": -1, "_id": 1}}, {"$limit": MOST_VALUES}]
