"""The task list as people read it: filtered, sorted and paged in the database, rights in every query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TypeVar

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import OperationFailure

from domain.access import User
from domain.errors import TooBroad
from domain.query.sort import SortKey
from domain.query.task_query import COUNTED, Scope, TaskQuery
from store.lists.facets import Facets, count_facets
from store.lists.pages import (
    MAX_MILLIS,
    Collections,
    Document,
    Page,
    Place,
    Plan,
    counting,
    in_time,
    read_page,
    total_of,
    translate_mongo_errors,
)
from store.lists.plans import plan
from store.lists.task_query import may_read, tasks_of

Documents = Database[Document]
Answer = TypeVar("Answer")
NAMES = ("generation", "revision", "name", "processName", "businessKey", "dueDate")
"""What a task is called, and how new that is."""
NO_SUCH_INDEX = 2
"""What MongoDB says of a hint to an index that is not there."""


class TaskList:
    """Reads tasks for one person at a time; raises `StoreUnavailable` when MongoDB does not answer."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    @property
    def _tasks(self) -> Collection[Document]:
        return self._views["task"]

    def find(self, query: TaskQuery, sort: Sequence[SortKey], place: Place = Place()) -> Page:  # noqa: B008 - frozen
        """One page of what the query asks for; raises `BadRequest` for a size or token that cannot be, `TooBroad`."""

        def ask(chosen: Plan, wanted: Document) -> Page:
            return read_page(self._tasks, wanted, sort, place, chosen)

        with translate_mongo_errors(), in_time():
            return self._planned(query, sort, ask)

    def counts(self, query: TaskQuery) -> dict[Scope, int]:
        """How many tasks each scope has, whatever the query's; not counted beyond 10,001. Raises `TooBroad`."""
        with translate_mongo_errors(), in_time():
            asked = [replace(query, scope=scope) for scope in COUNTED]
            return dict(zip(COUNTED, counting.map(self._count, asked), strict=True))

    def totals(self, queries: Sequence[TaskQuery | None]) -> list[int | None]:
        """How many tasks each of these finds, not counted beyond 10,001.

        None of no query, of what is too broad, and of those that are left when all have taken as long as one may.
        """
        ends = monotonic() + MAX_MILLIS / 1000
        with translate_mongo_errors():
            return [self._total(query) if query and monotonic() < ends else None for query in queries]

    def facets(self, query: TaskQuery, fields: Sequence[str]) -> Facets:
        """How many of the tasks have which values of these fields, the most frequent first. Raises `TooBroad`.

        Of the groups that tasks are offered to, only those of whoever asks; operators are told of all. Where there are
        more tasks than can be counted in time, about how many.
        """
        if not fields:
            return {}

        def ask(chosen: Plan, wanted: Document) -> Facets:
            return count_facets(self._tasks, query, fields, chosen, wanted)

        with translate_mongo_errors(), in_time():
            return self._planned(query, (), ask)

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

    def current_ones(self, task_ids: Sequence[str]) -> dict[str, Document]:
        """The same of several, by their ids, with what they are called only."""
        wanted, told = {"_id": {"$in": list(task_ids)}, "principals": {"$exists": True}}, dict.fromkeys(NAMES, 1)
        with translate_mongo_errors():
            return {one["_id"]: one for one in self._tasks.find(wanted, told)}

    def history(self, task_id: str) -> list[Document]:
        """What happened to the task, oldest first; ask `get` first whether the asker may know."""
        with translate_mongo_errors():
            return list(
                self._views["task_history"].find({"taskKey": task_id}, sort=[("generation", 1), ("revision", 1)])
            )

    def _total(self, query: TaskQuery) -> int | None:
        try:
            with in_time():
                return self._count(query)
        except TooBroad:
            return None

    def _count(self, query: TaskQuery) -> int:
        def ask(chosen: Plan, wanted: Document) -> int:
            return total_of(self._tasks, wanted, chosen)

        return self._planned(query, (), ask)

    def _planned(self, query: TaskQuery, sort: Sequence[SortKey], ask: Callable[[Plan, Document], Answer]) -> Answer:
        """Ask by the index that is good for it; without one that is named, as the database likes."""
        try:
            chosen = plan(self._tasks, query, sort)
            return ask(chosen, {"$and": [chosen.among, tasks_of(query)]} if chosen.among else tasks_of(query))
        except OperationFailure as error:
            if error.code != NO_SUCH_INDEX:
                raise
        # Somebody has dropped it, and whoever looks after the views will make it again.
        return ask(Plan(), tasks_of(query))
