"""The views as reconciliation reads and mends them: by id, in bounded pages, writing only what is still as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from pymongo.database import Database

from domain.drift import Version, version_of
from store.views.erasure import Erasure
from store.views.generations import collection_name
from store.views.mongo import JOURNALED, translated

PAGE = 1000
_HOW_NEW = {"generation": 1, "revision": 1}
_WHO = dict.fromkeys(("application", "subject", "generation", "revision"), 1)

Document = dict[str, Any]


class ViewReader:
    """One generation of the collections; raises `StoreUnavailable`."""

    def __init__(self, database: Database[Document], generation: int = 1) -> None:
        self._database = database
        self._generation = generation

    def documents(self, base: str, ids: Sequence[Any]) -> list[Document]:
        """Those of these documents that there are, whole."""
        with translated():
            return list(self._collection(base).find({"_id": {"$in": list(ids)}}))

    def versions(self, base: str, ids: Sequence[Any]) -> dict[Any, Version]:
        """How new those of these documents are that there are."""
        with translated():
            found = self._collection(base).find({"_id": {"$in": list(ids)}}, _HOW_NEW)
            return {one["_id"]: version_of(one) for one in found}

    def gone(self, key_ids: Collection[str]) -> frozenset[str]:
        """Those of these keys of people that are destroyed."""
        return Erasure(self._database, JOURNALED).gone(key_ids)

    def walk(self, base: str) -> Iterator[list[Document]]:
        """Who every document of a collection is about, in the order of their ids."""
        with translated(), self._collection(base).find({}, _WHO, sort=[("_id", 1)], batch_size=PAGE) as found:
            while page := list(islice(found, PAGE)):
                yield page

    def kept(self, base: str, field: str, ids: Sequence[str]) -> dict[str, int]:
        """How many entries a history has of each."""
        wanted = [{"$match": {field: {"$in": list(ids)}}}, {"$group": {"_id": f"${field}", "count": {"$sum": 1}}}]
        with translated():
            return {found["_id"]: found["count"] for found in self._collection(base).aggregate(wanted)}

    def demote(self, base: str, document_id: str, seen: Version) -> None:
        """Make a wrong document older than everything, so that its newest event replaces it."""
        old = {"$set": {"generation": 0, "revision": 0}}
        with translated():
            self._collection(base).update_one(_as_seen(document_id, seen), old)

    def delete(self, base: str, document_id: str, seen: Version) -> None:
        """Remove a document that is about nobody."""
        with translated():
            self._collection(base).delete_one(_as_seen(document_id, seen))

    def forget_history(self, base: str, field: str, document_id: str) -> None:
        """Remove the history of somebody there has never been."""
        with translated():
            self._collection(base).delete_many({field: document_id})

    def _collection(self, base: str) -> Any:
        return self._database.get_collection(collection_name(base, self._generation), write_concern=JOURNALED)


def _as_seen(document_id: str, seen: Version) -> Document:
    if seen == (0, 0):
        return {"_id": document_id}
    return {"_id": document_id, "generation": seen[0], "revision": seen[1]}
