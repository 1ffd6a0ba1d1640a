"""The read model's write side: documents replaced by newer ones only, so that repeats and reordering cannot hurt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pymongo
from pymongo import InsertOne, MongoClient, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, CollectionInvalid, OperationFailure
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from domain.aggregates.command import PENDING
from domain.aggregates.register import KINDS, collections, histories
from domain.events.project import Projected
from domain.stop import Stop
from store.views.embedding import UNTOLD, Carrier, kept_of
from store.views.erasure import Erasure
from store.views.generations import ViewPointer, collection_name
from store.views.indexes import FINDABLE, FORMER_INDEXES
from store.views.mongo import DUPLICATE_KEY, JOURNALED, translated
from store.views.older import make_findable

_FAST = WriteConcern(w=1)
_INDEXED_WITHIN_SECONDS = 4 * 3600
RENAMES = "renamed"
"""Who is called otherwise in a history: by a digest, so that the name itself is nowhere; outlives generations."""
MOST_NAMES = 10
"""How often one after the other somebody may be renamed in one history."""
_USER = "log.user"


class Views:
    """Applies projected documents; the database decides what is newer, nothing is read first.

    Raises `ValueError` for a driver that repeats writes by itself.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        if database.client.options.retry_writes:
            # A driver that does may leave out half of a bulk and say that it is written: docs/decisions/0037.
            raise ValueError("views are written by a driver that repeats no write: `connect(…)`")
        self._database = database
        self._pointer = ViewPointer(database)
        self._writers = ThreadPoolExecutor(2 * len(collections()), "views")

    def prepare(self, indexes: Mapping[str, Sequence[Any]]) -> None:
        """Create the collections that people read, with images before and after every change, and their indexes."""
        for generation in self._pointer.now().whole:
            prepare_generation(self._database, generation, indexes)

    def unprepared(self, indexes: Mapping[str, Sequence[Any]]) -> list[str]:
        """The collections that people read and that have lost their images or an index; raises `StoreUnavailable`."""
        lost = self.lost()
        with translated():
            return [
                name
                for base, name in self._read_by_people()
                if name in lost
                or not {index.document["name"] for index in indexes.get(base, ())}
                <= self._database[name].index_information().keys()
            ]

    def lost(self) -> list[str]:
        """The collections that people read and that are not there, or have come again by themselves; nobody made them.

        Raises `StoreUnavailable`.
        """
        with translated():
            found = {one["name"]: one.get("options", {}) for one in self._database.list_collections()}
            return [
                name
                for _, name in self._read_by_people()
                if not found.get(name, {}).get("changeStreamPreAndPostImages", {}).get("enabled")
            ]

    def _read_by_people(self) -> list[tuple[str, str]]:
        """By their plain names and their own."""
        return [(base, collection_name(base, one)) for one in self._pointer.now().whole for base in collections()]

    def apply(self, projected: Sequence[Projected]) -> None:
        """Write to every generation there is, durable; raises `StoreUnavailable` and `UnwritableDocument`.

        The pointer is read after the writing: a rebuild that begins later finds these events in the log it asks for.
        """
        missing, written = set(self._pointer.lately().written), set()
        while missing:
            self._write(sorted(missing), projected, JOURNALED)
            written |= missing
            missing = set(self._pointer.now().written) - written

    def fill(self, generation: int, projected: Sequence[Projected]) -> None:
        """Write to one generation; durable with the next write that is."""
        self._write([generation], projected, _FAST)

    def gone(self, key_ids: Collection[str]) -> frozenset[str]:
        """Those of these keys of people that are destroyed; raises `StoreUnavailable`."""
        return Erasure(self._database, JOURNALED).gone(key_ids)

    def tell_carriers(self, most: int, stop: Stop) -> int:
        """Tell those that carry what has changed and were too many to be told at once; returns how many of whom.

        Raises `StoreUnavailable`.
        """
        untold = self._database.get_collection(UNTOLD, write_concern=JOURNALED)
        with translated():
            notes = list(untold.find({}, limit=most))
        for note in notes:
            for generation in self._pointer.now().written:
                Carrier(self._database, generation, JOURNALED).tell_all(note["kind"], note["_id"])
            if stop.is_set():
                break
            with translated():
                # Only what was told: it may have changed again meanwhile.
                untold.delete_one({"_id": note["_id"], "changes": note["changes"]})
        return len(notes)

    def _write(self, generations: Sequence[int], projected: Sequence[Projected], durable: WriteConcern) -> None:
        """One unordered bulk per collection."""
        grouped: dict[str, list[Projected]] = {}
        for item in projected:
            grouped.setdefault(item.collection, []).append(item)
        bulks = [(collection_name(base, one), items) for one in generations for base, items in grouped.items()]
        # At once, not one after the other: each waits for the journal, and one flush of the journal serves them all.
        others: list[Future[None]] = [self._writers.submit(self._bulk, *bulk, durable) for bulk in bulks[1:]]
        try:
            for name, items in bulks[:1]:
                self._bulk(name, items, durable)
        finally:
            failures = [failure for other in others if (failure := other.exception())]
        if failures:
            raise failures[0]
        for name, items in bulks:
            if any(item.once for item in items):
                self._names(name, items, durable)
        Erasure(self._database, durable).after(projected, generations)
        for one in generations:
            Carrier(self._database, one, durable).tell(projected)

    def _names(self, name: str, items: Sequence[Projected], durable: WriteConcern) -> None:
        """Call people in histories as they want to be called, whatever the order in which it becomes known.

        A rename is written down first and then applied to the entries that are there; an entry is looked up after it
        was inserted. Whichever comes second sees the other.
        """
        renames = [(item.document[item.rename.named], item.rename) for item in items if item.rename]
        users = _users(items)
        if not renames and not users:
            return
        history = self._database.get_collection(name, write_concern=durable)
        known = self._database.get_collection(RENAMES, write_concern=durable)
        with translated():
            for key, rename in renames:
                digest = _digest(key, rename.username)
                known.replace_one({"_id": digest}, {"replacement": rename.replacement}, upsert=True)
                users[digest] = (rename.named, key, rename.username)
            for _ in range(MOST_NAMES):
                # Whoever was renamed may have been renamed again.
                found = list(known.find({"_id": {"$in": list(users)}})) if users else []
                users = {digest: said for one in found for digest, said in _renamed(history, one, users)}

    def _bulk(self, name: str, items: Sequence[Projected], durable: WriteConcern) -> None:
        """What may be new is inserted, for a third of the price; what then is there already is judged by its age."""
        collection = self._database.get_collection(name, write_concern=durable)
        writes = [
            InsertOne({**item.document, **item.gathered}) if _may_be_new(item) else _guarded(item) for item in items
        ]
        with translated():
            try:
                collection.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                found = [items[one["index"]] for one in error.details["writeErrors"] if one["code"] == DUPLICATE_KEY]
                if older := [_guarded(item) for item in found if not item.once]:
                    collection.bulk_write(older, ordered=False)
                raise


def prepare_generation(
    database: Database[dict[str, Any]], generation: int, indexes: Mapping[str, Sequence[Any]]
) -> None:
    """Make a generation fit to be read; repeating it changes nothing. Raises `StoreUnavailable`."""
    with translated():
        for base in collections():
            _prepare_collection(database, collection_name(base, generation), indexes.get(base, ()))


def _prepare_collection(database: Database[dict[str, Any]], name: str, indexes: Sequence[Any]) -> None:
    with_images(database, name)
    if indexes:
        # With millions of documents it takes longer than any answer may.
        with pymongo.timeout(_INDEXED_WITHIN_SECONDS):
            _make_indexes(database[name], indexes)


def _make_indexes(collection: Any, indexes: Sequence[Any]) -> None:
    there = collection.index_information()
    if FINDABLE not in there and any(index.document["name"] == FINDABLE for index in indexes):
        make_findable(collection)
    _drop_former(collection, there, indexes)
    collection.create_indexes(list(indexes))


def with_images(database: Database[dict[str, Any]], name: str) -> None:
    """Have images before and after every change of a collection; raises what the driver does."""
    images = {"enabled": True}
    try:
        database.create_collection(name, changeStreamPreAndPostImages=images, check_exists=False)
    except (CollectionInvalid, OperationFailure):
        database.command("collMod", name, changeStreamPreAndPostImages=images)


def _drop_former(collection: Any, there: Mapping[str, Any], indexes: Sequence[Any]) -> None:
    """Those of an earlier version that are another index under the same name, or are asked for no more."""
    wanted = {index.document["name"]: index.document for index in indexes}
    for name, found in there.items():
        now = wanted.get(name)
        # An index of somebody else's stays.
        is_former = name in FORMER_INDEXES and now is None
        if is_former or (now is not None and _differs(found, now)):
            collection.drop_index(name)


def _differs(there: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    same_keys = [tuple(one) for one in there["key"]] == list(now["key"].items())
    return not same_keys or there.get("partialFilterExpression") != now.get("partialFilterExpression")


def connect(
    url: str, name: str, *, majority_read: bool = False, retries_writes: bool = False
) -> Database[dict[str, Any]]:
    """The views' database; opens no connection until first used.

    `majority_read`: read only what no failure takes back. People's lists are: the change stream shows nothing else, and
    never could say that what a list showed is gone. `retries_writes`: the driver repeats once what a connection failed
    in; for writes of one document each, on which somebody waits. Never of a bulk, which loses half of itself by that
    (docs/decisions/0037); whoever writes those repeats them whole.
    """
    client: MongoClient[dict[str, Any]] = MongoClient(
        url, serverSelectionTimeoutMS=5000, connectTimeoutMS=3000, socketTimeoutMS=30_000, retryWrites=retries_writes
    )
    return client.get_database(name, read_concern=ReadConcern("majority" if majority_read else None))


def _users(items: Sequence[Projected]) -> dict[str, tuple[str, str, str]]:
    """Whom entries of histories name: the field and key of the aggregate and the name, by digest."""
    named = {history.collection: history.named for history in histories().values()}
    found: dict[str, tuple[str, str, str]] = {}
    for item in items:
        log = item.document.get("log") if item.once else None
        if isinstance(log, Mapping) and (username := log.get("user")):
            key = item.document[named[item.collection]]
            found[_digest(key, username)] = (named[item.collection], key, username)
    return found


def _renamed(
    history: Any, known: Mapping[str, Any], users: Mapping[str, tuple[str, str, str]]
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Rename in what is there; gives the new name, by its digest."""
    (named, key, username), replacement = users[known["_id"]], known["replacement"]
    history.update_many({named: key, _USER: username}, {"$set": {_USER: replacement}})
    if replacement != username:
        yield _digest(key, replacement), (named, key, replacement)


def _digest(key: str, username: str) -> str:
    return sha256(f"{key}\x1f{username}".encode()).hexdigest()


def _grown(name: str, more: Sequence[str]) -> dict[str, Any]:
    known: dict[str, Any] = {"$ifNull": [f"${name}", []]}
    return {"$setUnion": [known, {"$literal": list(more)}]} if more else known


def _may_be_new(item: Projected) -> bool:
    """Not what is there before its first event, as a command that the web has written."""
    return item.once or (item.document["revision"] == 1 and not KINDS[item.collection].is_asked_first)


def _kept_of_asked(item: Projected) -> dict[str, Any]:
    """A command that waits for an engine outside has the time it was given; no event knows of that."""
    waits = item.document.get("status") == PENDING and KINDS[item.collection].is_asked_first
    return {"expiresAt": "$expiresAt"} if waits else {}


def _guarded(item: Projected) -> UpdateOne:
    document = item.document
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
    newer: dict[str, Any] = {"$literal": document}
    stored: Any = "$$ROOT"
    grown = {name: _grown(name, more) for name, more in item.gathered.items()}
    if kept := {**kept_of(item.collection, document), **_kept_of_asked(item), **grown}:
        newer = {"$mergeObjects": [newer, kept]}
    if any(item.gathered.values()):
        stored = {"$mergeObjects": [stored, grown]}
    chosen = {"$cond": [older, newer, stored]}
    return UpdateOne({"_id": document["_id"]}, [{"$replaceWith": chosen}], upsert=True)
