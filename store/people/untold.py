"""Notices and changes that wait or were given up, for operators: shown, tried again, or given up for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any, Final

from pymongo import DESCENDING, ReturnDocument
from pymongo.collection import Collection
from pymongo.database import Database

from store.people.changes import CHANGES, KEPT, KNOWN
from store.people.notices import FAILED, LISTED, NOTICES, WAITING
from store.views.mongo import JOURNALED, translated

DISCARDED: Final = "discarded"

Document = dict[str, Any]


class Untold:
    """All methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        self._both = [database.get_collection(name, write_concern=JOURNALED) for name in (NOTICES, CHANGES)]

    def page(self, state: str, size: int, after: tuple[str, str] | None = None) -> list[Document]:
        """Those in a state, newest first, behind a time and an id."""
        with translated():
            pages = [_newest(one, state, size, after) for one in self._both]
        return list(islice(merge(*pages, key=lambda one: (one["time"], one["_id"]), reverse=True), size))

    def retry(self, notice_id: str, now: datetime) -> Document | None:
        """Due now, with all its tries; as it is where it is in hand, None where it is over."""
        return self._change(notice_id, _again(now), {"holder": {"$exists": False}})

    def retry_all(self, now: datetime) -> int:
        """Everything that was given up."""
        with translated():
            return sum(one.update_many({"state": FAILED}, _again(now)).modified_count for one in self._both)

    def discard(self, notice_id: str, now: datetime) -> Document | None:
        """Nobody is told; it is known for as long as others, so that its event does not make it anew."""
        over = {"state": DISCARDED, "done": now, "forget": now + KNOWN}
        # Whoever has it in hand and sends it meanwhile decides nothing any more.
        return self._change(notice_id, [{"$set": over}, {"$unset": ["next", "holder"]}], {})

    def _change(self, notice_id: str, change: list[Mapping[str, Any]], only: Mapping[str, Any]) -> Document | None:
        mine, after = {"_id": notice_id, "state": {"$in": [WAITING, FAILED]}}, ReturnDocument.AFTER
        with translated():
            for one in self._both:
                changed = one.find_one_and_update({**mine, **only}, change, return_document=after)
                if (found := changed or one.find_one(mine)) is not None:
                    return found
        return None


def _newest(collection: Collection[Document], state: str, size: int, after: tuple[str, str] | None) -> list[Document]:
    wanted: Document = {"state": state}
    if after is not None:
        time, name = after
        wanted |= {"time": {"$lte": time}, "$or": [{"time": {"$lt": time}}, {"_id": {"$lt": name}}]}
    sort = [("time", DESCENDING), ("_id", DESCENDING)]
    return list(collection.find(wanted, sort=sort, limit=size, hint=LISTED.document["name"]))


def _again(now: datetime) -> list[Mapping[str, Any]]:
    begin = {"tries": 0, "next": None, "outcome": None}
    is_open = {"$in": ["$$one.v.outcome", [None, FAILED]]}
    each = {"k": "$$one.k", "v": {"$cond": [is_open, {"$mergeObjects": ["$$one.v", begin]}, "$$one.v"]}}
    deliveries = {"$arrayToObject": {"$map": {"input": {"$objectToArray": "$deliveries"}, "as": "one", "in": each}}}
    due = {"state": WAITING, "next": now, "retried": now, "forget": now + KEPT, "deliveries": deliveries}
    return [{"$set": due}, {"$unset": "done"}]
