"""The read model's write side: documents replaced by newer ones only, so that repeats and reordering cannot hurt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from pymongo import InsertOne, MongoClient, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, CollectionInvalid, ConnectionFailure, OperationFailure, PyMongoError
from pymongo.write_concern import WriteConcern

from domain.errors import Permanent, StoreUnavailable
from domain.project import Projected

COLLECTIONS = ("task", "task_history", "process_definition", "process_instance", "command")
JOURNALED = WriteConcern(w="majority", j=True, wtimeout=20_000)
DUPLICATE_KEY = 11000
_TRANSIENT_CODES = frozenset({6, 7, 64, 89, 91, 189, 262, 10107, 11600, 11602, 13435, 13436})


class UnwritableDocument(Permanent):
    """MongoDB will never take this document."""


class Views:
    """Applies projected documents; the database decides what is newer, nothing is read first."""

    def __init__(self, database: Database[dict[str, Any]], generation: int = 1) -> None:
        self._database = database
        self._generation = generation
        self._writers = ThreadPoolExecutor(len(COLLECTIONS), "views")

    def prepare(self, indexes: Mapping[str, Sequence[Any]]) -> None:
        """Create the collections, with images before and after every change, and their indexes."""
        with translated():
            for base in COLLECTIONS:
                self._prepare_collection(collection_name(base, self._generation), indexes.get(base, ()))

    def apply(self, projected: Sequence[Projected]) -> None:
        """One unordered bulk write per collection, durable; raises `StoreUnavailable` and `UnwritableDocument`."""
        grouped: dict[str, list[Any]] = {}
        for item in projected:
            grouped.setdefault(item.collection, []).append(_write(item))
        # At once, not one after the other: each waits for the journal, and one flush of the journal serves them all.
        others = [self._writers.submit(self._write, base, writes) for base, writes in list(grouped.items())[1:]]
        try:
            for base, writes in list(grouped.items())[:1]:
                self._write(base, writes)
        finally:
            failures = [failure for other in others if (failure := other.exception())]
        if failures:
            raise failures[0]

    def _write(self, base: str, writes: Sequence[Any]) -> None:
        name = collection_name(base, self._generation)
        collection = self._database.get_collection(name, write_concern=JOURNALED)
        with translated():
            collection.bulk_write(writes, ordered=False)

    def _prepare_collection(self, name: str, indexes: Sequence[Any]) -> None:
        images = {"enabled": True}
        try:
            self._database.create_collection(name, changeStreamPreAndPostImages=images, check_exists=False)
        except (CollectionInvalid, OperationFailure):
            self._database.command("collMod", name, changeStreamPreAndPostImages=images)
        if indexes:
            self._database[name].create_indexes(list(indexes))


def collection_name(base: str, generation: int) -> str:
    """Where a generation of the views keeps a collection; a rebuild fills the next one beside the live one."""
    return base if generation == 1 else f"{base}.g{generation}"


def connect(url: str, name: str) -> Database[dict[str, Any]]:
    """The views' database; opens no connection until first used."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        url, serverSelectionTimeoutMS=5000, connectTimeoutMS=3000, socketTimeoutMS=30_000, retryWrites=True
    )
    return client[name]


@contextmanager
def translated() -> Iterator[None]:
    """Turn driver errors into ours."""
    try:
        yield
    except BulkWriteError as error:
        _judge(error.details)
    except ConnectionFailure as error:
        raise StoreUnavailable(str(error)) from error
    except OperationFailure as error:
        if error.code in _TRANSIENT_CODES:
            raise StoreUnavailable(str(error)) from error
        raise UnwritableDocument(str(error)) from error
    except PyMongoError as error:
        raise StoreUnavailable(str(error)) from error


def _judge(details: Mapping[str, Any]) -> None:
    """A duplicate key means somebody else wrote the same thing first: histories are done, replacements run again."""
    failures = [error for error in details.get("writeErrors", ()) if not _harmless(error)]
    if any(error["code"] == DUPLICATE_KEY or error["code"] in _TRANSIENT_CODES for error in failures):
        raise StoreUnavailable("two projectors inserted the same document at once")
    if failures:
        raise UnwritableDocument(str(failures[0].get("errmsg", failures[0])))
    if details.get("writeConcernErrors"):
        raise StoreUnavailable(str(details["writeConcernErrors"][0].get("errmsg")))


def _harmless(error: Mapping[str, Any]) -> bool:
    return bool(error["code"] == DUPLICATE_KEY and "u" not in error.get("op", {}))


def _write(item: Projected) -> InsertOne[dict[str, Any]] | UpdateOne:
    document = item.document
    if item.once:
        return InsertOne(document)
    older = {
        "$or": [
            {"$lt": ["$generation", document["generation"]]},
            {
                "$and": [
                    {"$eq": ["$generation", document["generation"]]},
                    {"$lt": ["$revision", document["revision"]]},
                ]
            },
        ]
    }
    # Without $literal a payload value like "$secret" would be evaluated as an expression.
    chosen = {"$cond": [older, {"$literal": document}, "$$ROOT"]}
    return UpdateOne({"_id": document["_id"]}, [{"$replaceWith": chosen}], upsert=True)
