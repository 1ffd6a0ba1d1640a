"""What documents carry of others, so that they can be found by it without asking for the others.

Whoever writes either side writes its own document first and then looks at the other side on the primary: of two that
write at once, at least one sees both. What is carried is replaced by newer only, as documents are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import UpdateMany, UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from domain.aggregates.kind import Embedding
from domain.aggregates.register import KINDS
from domain.events.project import Projected
from store.views.generations import collection_name
from store.views.mongo import translated

AT_ONCE = 100
"""Documents that are told of a change at once; where more carry it, the others are told by a job."""
PAGE = 500
UNTOLD = "untold"
"""Whom it has not been told everywhere; outlives generations."""

Document = dict[str, Any]
Documents = Database[Document]


@dataclass(frozen=True, slots=True)
class Carrier:
    """The collections of one generation; all methods raise `StoreUnavailable`."""

    database: Documents
    generation: int
    durable: WriteConcern

    def tell(self, projected: Sequence[Projected]) -> None:
        """After these were written: copy what they are about into them, and them into what is about them."""
        for name, embedding in _embeddings():
            mine = [one.document for one in projected if one.collection == name and embedding.keys in one.document]
            others = [one.document["_id"] for one in projected if one.collection == embedding.of]
            if mine:
                self._copy_into(name, embedding, mine)
            if others:
                self._tell_carriers(name, embedding, others)

    def tell_all(self, of: str, key: str) -> int:
        """Tell every document that is about this one; returns how many carried something else."""
        told = 0
        for name, embedding in _embeddings():
            if embedding.of == of:
                told += sum(self._tell_pages(name, embedding, key))
        return told

    def _copy_into(self, name: str, embedding: Embedding, documents: Sequence[Document]) -> None:
        keys = list(dict.fromkeys(key for one in documents for key in one[embedding.keys]))
        with translated():
            found = {one["_id"]: embedding.element(one) for one in self._of(embedding).find({"_id": {"$in": keys}})}
            writes = [
                UpdateOne(_lacks(embedding, found[key], {"_id": one["_id"]}), [_carry(embedding, found[key])])
                for one in documents
                for key in one[embedding.keys]
                if key in found
            ]
            if writes:
                self._named(name).bulk_write(writes, ordered=False)

    def _tell_carriers(self, name: str, embedding: Embedding, keys: Sequence[str]) -> None:
        """Nearly always few carry it; who has very many to tell leaves a note, and a job does the rest."""
        carriers = self._named(name)
        with translated():
            counted = _counted(carriers, embedding, keys)
            asked = [key for key, count in counted.items() if count]
            if not asked:
                return
            found = {one["_id"]: embedding.element(one) for one in self._of(embedding).find({"_id": {"$in": asked}})}
            few = [key for key in found if counted[key] <= AT_ONCE]
            many = [key for key in found if counted[key] > AT_ONCE]
            if few:
                writes = [UpdateMany(_lacks(embedding, found[key]), [_carry(embedding, found[key])]) for key in few]
                carriers.bulk_write(writes, ordered=False)
            for key in many:
                note = {"$inc": {"changes": 1}, "$set": {"kind": embedding.of}}
                self.database.get_collection(UNTOLD, write_concern=self.durable).update_one(
                    {"_id": key}, note, upsert=True
                )

    def _tell_pages(self, name: str, embedding: Embedding, key: str) -> Iterator[int]:
        last = ""
        while True:
            with translated():
                other = self._of(embedding).find_one({"_id": key})
                if other is None:
                    return
                wanted = {embedding.keys: key, "_id": {"$gt": last}}
                ids = [one["_id"] for one in self._named(name).find(wanted, {"_id": 1}, sort=[("_id", 1)], limit=PAGE)]
                if not ids:
                    return
                element = embedding.element(other)
                lacking = _lacks(embedding, element, {"_id": {"$in": ids}})
                yield self._named(name).update_many(lacking, [_carry(embedding, element)]).modified_count
            last = ids[-1]

    def _of(self, embedding: Embedding) -> Collection[Document]:
        return self._named(embedding.of)

    def _named(self, base: str) -> Collection[Document]:
        return self.database.get_collection(collection_name(base, self.generation), write_concern=self.durable)


def kept_of(name: str, document: Mapping[str, Any]) -> Document:
    """What a document that replaces another keeps of what that one carried: an aggregation expression for `$set`."""
    embedding = KINDS[name].embeds if name in KINDS else None
    if embedding is None or embedding.keys not in document:
        return {}
    about = {"$literal": document[embedding.keys]}
    carried: Document = {"$ifNull": [f"${embedding.field}", []]}
    return {embedding.field: {"$filter": {"input": carried, "cond": {"$in": ["$$this.key", about]}}}}


def _counted(carriers: Collection[Document], embedding: Embedding, keys: Sequence[str]) -> dict[str, int]:
    """How many carry each, not counted beyond what is told at once; in one question unless there are very many."""
    most = AT_ONCE * len(keys)
    found = list(carriers.find({embedding.keys: {"$in": list(keys)}}, {"_id": 0, embedding.keys: 1}, limit=most + 1))
    if len(found) > most:
        return {key: carriers.count_documents({embedding.keys: key}, limit=AT_ONCE + 1) for key in keys}
    counts = Counter(key for one in found for key in one[embedding.keys])
    return {key: counts[key] for key in keys}


def _embeddings() -> list[tuple[str, Embedding]]:
    return [(kind.name, kind.embeds) for kind in KINDS.values() if kind.embeds]


def _lacks(embedding: Embedding, element: Document, which: Document | None = None) -> Document:
    """Those that are about it, and carry nothing of it or something older."""
    generation, revision = element["generation"], element["revision"]
    as_new = {
        "key": element["key"],
        "$or": [
            {"generation": {"$gt": generation}},
            {"generation": generation, "revision": {"$gte": revision}},
        ],
    }
    about = {embedding.keys: element["key"], embedding.field: {"$not": {"$elemMatch": as_new}}}
    return {**(which or {}), **about}


def _carry(embedding: Embedding, element: Document) -> Document:
    """Without $literal a payload value like "$secret" would be evaluated as an expression."""
    others = {
        "$filter": {
            "input": {"$ifNull": [f"${embedding.field}", []]},
            "cond": {"$ne": ["$$this.key", {"$literal": element["key"]}]},
        }
    }
    return {"$set": {embedding.field: {"$concatArrays": [others, [{"$literal": element}]]}}}
