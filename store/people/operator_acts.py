"""What operators do that nothing else keeps, written down before it is done, and what nobody was allowed to do."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any, Final

from pymongo import IndexModel
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from domain.acts import Act, Place, Wanted
from store.lists.acts import newest, within
from store.views.mongo import JOURNALED, translated

COLLECTION: Final = "operator_act"
_NEWEST: Final = "newest"
_INDEXES: Final = [IndexModel([("time", -1), ("_id", -1), ("action", 1), ("user", 1)], name=_NEWEST)]

Document = dict[str, Any]


class OperatorActs:
    """All methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        self._acts = database.get_collection(COLLECTION, write_concern=JOURNALED)

    def prepare(self) -> None:
        """Make the index."""
        with translated():
            self._acts.create_indexes(_INDEXES)

    def begin(self, act: Act) -> None:
        """Somebody is about to do this."""
        kept = {name: value for name, value in asdict(act).items() if name not in ("id", "place")}
        with translated():
            self._acts.insert_one({"_id": act.id, **kept})

    def became(self, act_id: str, **known: Any) -> None:
        """What is known of it now."""
        with translated():
            self._acts.update_one({"_id": act_id}, {"$set": known})

    def again(self, act: Act, path: str, most_times: int, most_paths: int) -> None:
        """Somebody has tried this, perhaps before: one act, which counts how often and keeps where, up to so many."""
        kept = {name: value for name, value in asdict(act).items() if name not in ("id", "place", "details")}
        kept |= {f"details.{name}": value for name, value in act.details.items()}
        change = {
            "$setOnInsert": kept,
            "$inc": {"details.times": 1},
            "$push": {"details.paths": {"$each": [path], "$slice": most_paths}},
        }
        # Whose act is full is not found, and not made once more.
        with translated(), suppress(DuplicateKeyError):
            self._acts.update_one({"_id": act.id, "details.times": {"$not": {"$gte": most_times}}}, change, upsert=True)

    def find(self, wanted: Wanted, after: Place | None, most: int) -> list[Act]:
        """The newest first, behind a place, at most so many; raises `TooBroad`, too."""
        asked = {"user": wanted.user or {"$gt": ""}, "action": wanted.action or {"$gt": ""}}
        found = newest(self._acts, {**asked, **within("time", wanted, after)}, "time", most, _NEWEST)
        return [_act(one) for one in found]

    def forget(self, before: str, limit: int) -> int:
        """Those of before then, as ISO-8601 UTC, at most so many; returns how many."""
        old = {"time": {"$lt": before}}
        with translated():
            ids = [one["_id"] for one in self._acts.find(old, {"_id": 1}, limit=limit)]
            return self._acts.delete_many({"_id": {"$in": ids}}).deleted_count if ids else 0


def _act(found: Mapping[str, Any]) -> Act:
    known = {name: value for name, value in found.items() if name != "_id"}
    return Act(id=found["_id"], place=(found["time"], found["_id"]), **{**known, "about": tuple(known["about"])})
