"""The task list as people read it: filtered, sorted and paged in the database, rights in every query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ExecutionTimeout, PyMongoError

from domain.access import User
from domain.errors import BadRequest, StoreUnavailable, TooBroad
from domain.query import MOST_VALUES, SCOPES, Scope, SortKey, TaskQuery
from store.lists.keyset import beyond, from_token, position_of, to_token
from store.lists.task_query import may_read, to_mongo

Document = dict[str, Any]
Documents = Database[Document]


class Collections(Protocol):
    """The views' collections by their plain names: a database, or those that a pointer says are live."""

    def __getitem__(self, name: str, /) -> Collection[Document]: ...


MAX_SIZE = 200
EXACT_UP_TO = 10_000
MAX_MILLIS = 2000
"""A question that the database has not answered in this time is given up."""
_MAX_SKIP = 2**31


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page; `next` continues after its last task and is None at the end."""

    items: Sequence[Document]
    total: int
    total_is_at_least: bool
    next: str | None


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

    def find(
        self,
        query: TaskQuery,
        sort: Sequence[SortKey],
        *,
        page: int = 0,
        size: int = 50,
        after: str | None = None,
        exact: bool = False,
    ) -> TaskPage:
        """One page of what the query asks for; raises `BadRequest` for a size or token that cannot be."""
        check_page(page, size)
        wanted = to_mongo(query)
        found = wanted if after is None else {"$and": [wanted, beyond(from_token(after, sort), sort)]}
        skip = 0 if after else page * size
        with translate_mongo_errors():
            items = list(self._tasks.find(found, sort=_order(sort), skip=skip, limit=size + 1))
            total = self._total(wanted, exact)
        more = len(items) > size
        items = items[:size]
        token = to_token(position_of(items[-1], sort), sort) if more else None
        return TaskPage(
            items, min(total, EXACT_UP_TO) if not exact else total, total > EXACT_UP_TO and not exact, token
        )

    def counts(self, query: TaskQuery) -> dict[Scope, int]:
        """How many tasks each scope has, whatever the query's; not counted beyond 10,001. Raises `TooBroad`."""
        with translate_mongo_errors(), _in_time():
            return {scope: self._count(to_mongo(replace(query, scope=scope))) for scope in SCOPES}

    def facets(self, query: TaskQuery, fields: Sequence[str]) -> dict[str, list[FacetValue]]:
        """How many of the tasks have which values of these fields, the most frequent first. Raises `TooBroad`."""
        if not fields:
            return {}
        counted = {field: _by_value(field) for field in fields}
        with translate_mongo_errors(), _in_time():
            pipeline = [{"$match": to_mongo(query)}, {"$project": dict.fromkeys(fields, 1)}, {"$facet": counted}]
            [found] = self._tasks.aggregate(pipeline, maxTimeMS=MAX_MILLIS)
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

    def _count(self, wanted: Mapping[str, Any]) -> int:
        return self._tasks.count_documents(wanted, limit=EXACT_UP_TO + 1, maxTimeMS=MAX_MILLIS)

    def _total(self, wanted: Mapping[str, Any], exact: bool) -> int:
        if exact:
            return self._tasks.count_documents(wanted)
        return self._tasks.count_documents(wanted, limit=EXACT_UP_TO + 1)


def check_page(page: int, size: int) -> None:
    """Raise `BadRequest` for a page that cannot be."""
    if not 1 <= size <= MAX_SIZE:
        raise BadRequest(f"size is 1 to {MAX_SIZE}, not {size}")
    if not 0 <= page * size < _MAX_SKIP:
        raise BadRequest(f"page {page} cannot be; pages count from 0")


@contextmanager
def translate_mongo_errors() -> Iterator[None]:
    """Translate what the driver raises: unreadable input is the asker's, everything else is the database's."""
    try:
        yield
    except (UnicodeEncodeError, OverflowError) as error:
        raise BadRequest(f"a value that cannot be searched for: {error}") from error
    except PyMongoError as error:
        raise StoreUnavailable(f"MongoDB: {type(error).__name__}") from error


@contextmanager
def _in_time() -> Iterator[None]:
    try:
        yield
    except ExecutionTimeout as error:
        raise TooBroad from error


def _by_value(field: str) -> list[Document]:
    counted = {"$group": {"_id": {"$ifNull": [f"${field}", None]}, "count": {"$sum": 1}}}
    return [counted, {"$sort": {"count": -1, "_id": 1}}, {"$limit": MOST_VALUES}]


def _order(sort: Sequence[SortKey]) -> list[tuple[str, int]]:
    return [*((key.path, DESCENDING if key.descending else ASCENDING) for key in sort), ("_id", ASCENDING)]
