"""Tasks with a due date: those of everybody within a span, and those of one person; by an index, at most so many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.access import User
from store.lists.conditions import bound
from store.lists.pages import MAX_MILLIS, Collections, Document, in_time, translate_mongo_errors
from store.lists.task_query import of_tenants
from store.views.indexes import DUE

Place = tuple[str, str]
"""After which one to go on: its due date and its id."""


@dataclass(frozen=True, slots=True)
class DueTask:
    """Whose it is, and when."""

    key: str
    assignee: str
    due_date: str


class DueTasks:
    """Raises `StoreUnavailable`, and `TooBroad` where the database has no time for it."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def within(self, begin: str, end: str, most: int, after: Place | None = None) -> list[DueTask]:
        """Open tasks that somebody has, by due date and id; the first `most` of them, or of those after a place."""
        wanted: list[Document] = [{"dueDate": {"$gt": begin, "$lte": end}}]
        if after is not None:
            date, key = after
            wanted += [{"dueDate": {"$gte": date}}, {"$or": [{"dueDate": {"$gt": date}}, {"_id": {"$gt": key}}]}]
        shown = {"assignee": 1, "dueDate": 1}
        found = self._find({**_OPEN, "assignee": {"$gt": ""}, "$and": wanted}, shown, most, hint=DUE)
        return [DueTask(one["_id"], one["assignee"], one["dueDate"]) for one in found]

    def of(self, user: User, most: int) -> Sequence[Document]:
        """The person's open tasks with a due date, the first ones."""
        wanted = {**_OPEN, "assignee": user.name, "dueDate": {"$gt": ""}, **bound(user), **of_tenants(user)}
        shown = dict.fromkeys(("application", "name", "processName", "businessKey", "dueDate", "eventTime"), 1)
        return self._find(wanted, shown, most, hint="list_assignee")

    def _find(self, wanted: Document, shown: Document, most: int, hint: str) -> list[Document]:
        order: Any = [("dueDate", 1), ("_id", 1)]
        with translate_mongo_errors(), in_time():
            found = self._views["task"].find(wanted, shown, sort=order, limit=most, hint=hint, max_time_ms=MAX_MILLIS)
            return list(found)


_OPEN: Document = {"state": "open"}
