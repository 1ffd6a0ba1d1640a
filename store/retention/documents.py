"""Documents that have served their time: answered commands and old history go, what has ended becomes a stub."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from domain.aggregates.kind import Kind
from domain.drift import STUB
from store.views.generations import ViewPointer, collection_name
from store.views.mongo import JOURNALED, translated

_KEPT = ("_id", "application", "aggregate", "subject", "generation", "revision")
_VERSION = dict.fromkeys(_KEPT, 1)


class ViewCleaning:
    """One generation, or every whole one; times are ISO-8601 UTC, calls are bounded. Raises `StoreUnavailable`.

    `forget_tasks`: told of tasks before only their stubs are left.
    """

    def __init__(
        self,
        database: Database[dict[str, Any]],
        generation: int | None = None,
        forget_tasks: Callable[[Sequence[str]], None] = lambda _: None,
    ) -> None:
        self._database = database
        self._forget_tasks = forget_tasks
        self._generation = generation
        self._pointer = ViewPointer(database)

    def over(self, kind: Kind, before: str, limit: int) -> int:
        """Of what was over before this, leave only a stub, whose version still turns late events away, or nothing.

        Returns how many; none of a kind that is kept for ever.
        """
        keep = kind.keep
        if keep is None:
            return 0
        wanted = {keep.since: {"$gt": "", "$lt": before}, **{name: {"$ne": one} for name, one in keep.unless.items()}}
        if keep.stub:
            forget = self._forget_tasks if kind.name == "task" else None
            return self._each(kind.name, lambda documents: _reduce(documents, wanted, limit, forget))
        return self._forget(kind.name, wanted, limit)

    def history(self, kind: Kind, before: str, limit: int) -> int:
        """Forget what happened before this; returns how many entries. None of a kind without a history."""
        return self._forget(kind.history.collection, {"time": {"$lt": before}}, limit) if kind.history else 0

    def _forget(self, base: str, wanted: dict[str, Any], limit: int) -> int:
        return self._each(base, lambda documents: _delete(documents, wanted, limit))

    def _each(self, base: str, clean: Callable[[Any], int]) -> int:
        with translated():
            generations = self._pointer.lately().whole if self._generation is None else [self._generation]
            names = [collection_name(base, generation) for generation in generations]
            return max(clean(self._database.get_collection(name, write_concern=JOURNALED)) for name in names)


def _reduce(documents: Any, wanted: dict[str, Any], limit: int, forget: Callable[[Sequence[str]], None] | None) -> int:
    old = list(documents.find(wanted, _VERSION, limit=limit))
    if not old:
        return 0
    if forget is not None:
        # First: of a stub nobody would ask again what people have said about it.
        forget([found["_id"] for found in old])
    # Only as it was read: one restated meanwhile is another generation's, and judged again next time.
    writes = [UpdateOne(_as_read(found), [{"$replaceWith": {"$literal": _stub(found)}}]) for found in old]
    return int(documents.bulk_write(writes, ordered=False).modified_count)


def _delete(documents: Any, wanted: dict[str, Any], limit: int) -> int:
    ids = [found["_id"] for found in documents.find(wanted, {"_id": 1}, limit=limit)]
    return int(documents.delete_many({"_id": {"$in": ids}, **wanted}).deleted_count) if ids else 0


def _as_read(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("_id", "generation", "revision")}


def _stub(found: dict[str, Any]) -> dict[str, Any]:
    return {**{name: found[name] for name in _KEPT if name in found}, "state": STUB}
