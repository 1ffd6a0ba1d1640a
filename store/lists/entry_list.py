"""Data entries as people read them, rights in every query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.access import User
from domain.aggregates.data_entry import entry_key
from domain.errors import InvalidValue, NotFound
from domain.identity import Key
from store.lists.task_list import EXACT_UP_TO, Collections, Document, check_page, translate_mongo_errors
from store.lists.task_query import bound

_NEWEST = [("eventTime", -1), ("_id", 1)]
_ENTRIES_OF_A_PAGE = 1000


class EntryList:
    """What tasks are about; raises `StoreUnavailable` when MongoDB does not answer."""

    def __init__(self, views: Collections) -> None:
        self._views = views

    def find(self, user: User, equal: Mapping[str, str], page: int, size: int) -> tuple[list[Document], int]:
        """A page of the entries this user may see, the last changed first, and how many there are.

        Beyond 10,000 they are not counted.
        """
        check_page(page, size)
        wanted = {"$and": [_seen_by(user), dict(equal)]}
        with translate_mongo_errors():
            items = self._views["data_entry"].find(wanted, sort=_NEWEST, skip=page * size, limit=size)
            return list(items), self._views["data_entry"].count_documents(wanted, limit=EXACT_UP_TO + 1)

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
        keys = {task["_id"]: list(_keys(task.get("correlations") or ())) for task in tasks}
        asked = list(dict.fromkeys(key for found in keys.values() for key in found))[:_ENTRIES_OF_A_PAGE]
        if not asked:
            return {task_id: [] for task_id in keys}
        with translate_mongo_errors():
            found = self._views["data_entry"].find({"_id": {"$in": asked}, **_seen_by(user)})
            seen = {one["_id"]: one for one in found}
        return {task_id: [seen[key] for key in named if key in seen] for task_id, named in keys.items()}


def _keys(correlations: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in correlations:
        try:
            named = entry_key(one["entryType"], one["entryId"])
        except InvalidValue:
            # A task may name what no entry can be called; then there is none.
            continue
        yield Key(one["application"], "data_entry", named).opaque


def _seen_by(user: User) -> Document:
    """Of what is deleted, or past its retention, nothing is shown."""
    if user.is_operator:
        return {"deleted": False}
    return {"principals": {"$in": list(user.principals)}, "deleted": False, **bound(user)}
