"""Documents that have served their time: answered commands and old history go, what has ended becomes a stub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo import UpdateOne
from pymongo.database import Database

from domain.aggregates.command import PENDING
from domain.drift import STUB
from store.views.generations import ViewPointer, collection_name
from store.views.mongo import JOURNALED, translated

_KEPT = ("_id", "application", "aggregate", "subject", "generation", "revision")
_VERSION = dict.fromkeys(_KEPT, 1)


class ViewCleaning:
    """One generation, or every whole one; times are ISO-8601 UTC, calls are bounded. Raises `StoreUnavailable`."""

    def __init__(self, database: Database[dict[str, Any]], generation: int | None = None) -> None:
        self._database = database
        self._generation = generation
        self._pointer = ViewPointer(database)

    def commands(self, before: str, limit: int) -> int:
        """Forget commands answered before this; returns how many."""
        return self._forget("command", {"eventTime": {"$gt": "", "$lt": before}, "status": {"$ne": PENDING}}, limit)

    def history(self, before: str, limit: int) -> int:
        """Forget what happened to tasks before this; returns how many."""
        return self._forget("task_history", {"time": {"$lt": before}}, limit)

    def tasks(self, before: str, limit: int) -> int:
        """Leave only a stub of tasks ended before this: its version still turns late events away."""
        return self._each("task", lambda tasks: _reduce(tasks, before, limit))

    def instances(self, before: str, limit: int) -> int:
        """The same of process instances ended before this."""
        return self._each("process_instance", lambda instances: _reduce(instances, before, limit))

    def _forget(self, base: str, wanted: dict[str, Any], limit: int) -> int:
        return self._each(base, lambda documents: _delete(documents, wanted, limit))

    def _each(self, base: str, clean: Callable[[Any], int]) -> int:
        with translated():
            generations = self._pointer.lately().whole if self._generation is None else [self._generation]
            names = [collection_name(base, generation) for generation in generations]
            return max(clean(self._database.get_collection(name, write_concern=JOURNALED)) for name in names)


def _reduce(documents: Any, before: str, limit: int) -> int:
    old = list(documents.find({"endTime": {"$gt": "", "$lt": before}}, _VERSION, limit=limit))
    if not old:
        return 0
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
