"""The task list as people read it: filtered, sorted and paged in the database, rights in every query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from domain.access import User
from domain.errors import BadRequest, StoreUnavailable
from domain.query import SortKey, TaskQuery
from store.lists.keyset import beyond, from_token, position_of, to_token
from store.lists.task_query import may_read, to_mongo

Document = dict[str, Any]
Documents = Database[Document]


class Collections(Protocol):
    """The views' collections by their plain names: a database, or those that a pointer says are live."""

    def __getitem__(self, name: str, /) -> Collection[Document]: ...


MAX_SIZE = 200
EXACT_UP_TO = 10_000
_MAX_SKIP = 2**31


@dataclass(frozen=True, slots=True)
class TaskPage:
    """One page; `next` continues after its last task and is None at the end."""

    items: Sequence[Document]
    total: int
    total_is_at_least: bool
    next: str | None


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

    def get(self, task_id: str, user: User) -> Document | None:
        """One task, open or ended, if this user may read it."""
        with translate_mongo_errors():
            return self._tasks.find_one({"_id": task_id, **may_read(user)})

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


def _order(sort: Sequence[SortKey]) -> list[tuple[str, int]]:
    return [*((key.path, DESCENDING if key.descending else ASCENDING) for key in sort), ("_id", ASCENDING)]
