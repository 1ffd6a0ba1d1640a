"""What views have kept of people whose key is destroyed: overwritten in histories, and never shown again.

Documents need no more than that: their application says their newest state again, which nobody can open any more. An
entry of a history stays what it was, so it remembers where in it is what, and is overwritten there. A destroyed key is
written down first and then looked for; who writes an entry looks up its keys afterwards: whichever comes second sees
the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from domain.aggregates.data_subject import SubjectErased
from domain.aggregates.register import histories
from domain.events.project import PERSONAL, Projected
from domain.personal import overwritten
from store.views.generations import collection_name
from store.views.mongo import translated

GONE = "destroyed_keys"
"""Keys of people that no longer exist; outlives generations, and backups of what was sealed with them."""
PAGE = 500

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Erasure:
    """In one database; raises `StoreUnavailable`."""

    database: Database[Document]
    durable: WriteConcern

    def gone(self, key_ids: Collection[str]) -> frozenset[str]:
        """Those of these that are destroyed."""
        with translated():
            found = self.database[GONE].find({"_id": {"$in": sorted(key_ids)}}, {"_id": 1})
            return frozenset(one["_id"] for one in found)

    def after(self, projected: Sequence[Projected], generations: Sequence[int]) -> None:
        """After these were written: note who is erased in them, and overwrite what is left of whoever is."""
        erased = set(_erased_in(projected))
        if erased:
            self._note(erased)
        held = {one["key"] for item in projected for one in item.document.get(PERSONAL, ()) if item.once}
        if held:
            erased |= self.gone(held)
        for generation in generations if erased else ():
            for history in histories().values():
                self._overwrite(collection_name(history.collection, generation), erased)

    def _note(self, key_ids: Collection[str]) -> None:
        notes: list[Any] = [ReplaceOne({"_id": key_id}, {}, upsert=True) for key_id in sorted(key_ids)]
        with translated():
            self.database.get_collection(GONE, write_concern=self.durable).bulk_write(notes, ordered=False)

    def _overwrite(self, name: str, key_ids: Collection[str]) -> None:
        history = self.database.get_collection(name, write_concern=self.durable)
        wanted = {f"{PERSONAL}.key": {"$in": sorted(key_ids)}}
        with translated():
            while page := list(history.find(wanted, {"changes": 1, PERSONAL: 1}, limit=PAGE)):
                history.bulk_write([_overwriting(one, key_ids) for one in page], ordered=False)


def _erased_in(projected: Sequence[Projected]) -> Iterator[str]:
    kind = SubjectErased.type.partition(".")[0]
    yield from (item.document["keyId"] for item in projected if item.collection == kind)


def _overwriting(entry: Document, key_ids: Collection[str]) -> UpdateOne:
    """Unless somebody else has overwritten something in it meanwhile: then it is looked at again."""
    left = [one for one in entry[PERSONAL] if one["key"] not in key_ids]
    gone = [one["path"] for one in entry[PERSONAL] if one["key"] in key_ids]
    change: Document = {"$set": {"changes": overwritten(entry["changes"], gone)}}
    if left:
        change["$set"][PERSONAL] = left
    else:
        change["$unset"] = {PERSONAL: ""}
    return UpdateOne({"_id": entry["_id"], PERSONAL: entry[PERSONAL]}, change)
