"""Data entries as people read them, rights in every query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.access import OPERATORS, User
from domain.aggregates.data_entry_document import entry_ids
from domain.errors import NotFound
from domain.query.fields import ENTRY
from domain.query.sort import SortKey
from store.lists.conditions import PlainQuery, asked_of, bound
from store.lists.pages import Collections, Document, Page, Place, check_page, find_page, translate_mongo_errors

NEWEST_ENTRIES: Final = "-eventTime"
_ENTRIES_OF_A_PAGE = 1000


class EntryList:
    """What tasks are about; raises `StoreUnavailable` when MongoDB does not answer."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def find(self, query: PlainQuery, sort: Sequence[SortKey], place: Place) -> Page:
        """A page of the entries this user may see; raises `BadRequest`, `TooBroad`."""
        wanted = asked_of(query, ENTRY, _seen_by(query.user))
        return find_page(self._views["data_entry"], wanted, sort, place)

    def get(self, entry_id: str, user: User) -> Document:
        """One entry by its opaque id; raises `NotFound` unless this user may see it."""
        with translate_mongo_errors():
            found = self._views["data_entry"].find_one({"_id": entry_id, **_seen_by(user)})
        if found is None:
            raise NotFound(f"no data entry {entry_id!r} for you")
        return found

    def history(self, entry_id: str, page: int, size: int) -> list[Document]:
        """A page of what was done to an entry, the newest first; ask `get` first whether the asker may know."""
        check_page(page, size)
        newest = [("generation", -1), ("revision", -1)]
        with translate_mongo_errors():
            found = self._views["data_entry_history"].find({"entryKey": entry_id}, sort=newest)
            return list(found.skip(page * size).limit(size))

    def of_tasks(self, tasks: Sequence[Mapping[str, Any]], user: User) -> dict[str, list[Document]]:
        """The entries that each of these tasks is about and this user may see, by the task's id, in one question."""
        keys = {task["_id"]: list(entry_ids(task.get("correlations") or ())) for task in tasks}
        asked = list(dict.fromkeys(key for found in keys.values() for key in found))[:_ENTRIES_OF_A_PAGE]
        if not asked:
            return {task_id: [] for task_id in keys}
        with translate_mongo_errors():
            found = self._views["data_entry"].find({"_id": {"$in": asked}, **_seen_by(user)})
            seen = {one["_id"]: one for one in found}
        return {task_id: [seen[key] for key in named if key in seen] for task_id, named in keys.items()}


def _seen_by(user: User) -> Document:
    """Of what is deleted, or past its retention, nothing is shown."""
    principals = [OPERATORS] if user.is_operator else list(user.principals)
    return {"principals": {"$in": principals}, "deleted": False, **bound(user)}
