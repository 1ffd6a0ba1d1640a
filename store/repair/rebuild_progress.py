"""How a rebuild moves the pointer, and how far it has come: begun, filled log by log, switched, the others dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from domain.aggregates.register import collections
from domain.errors import Refused
from store.events.log_reader import LogCursor
from store.views.generations import POINTER, POINTER_ID, collection_name, generations_of
from store.views.mongo import JOURNALED, translated

_NOTHING_ELSE: dict[str, Any] = {"filling": None, "kept": None, "run": None, "progress": []}
_FIRST = {"live": 1, **_NOTHING_ELSE}


BEGINNING = LogCursor()


class StillKept(Refused):
    """The generation before the live one is still kept; `taskpool rebuild --drop-others` drops it."""


class Superseded(Refused):
    """Somebody else has begun or ended a rebuild meanwhile."""


@dataclass(frozen=True, slots=True)
class Filled:
    """How much of one store's log is in the new generation; `names` are the applications its events are about."""

    cursor: LogCursor = BEGINNING
    events: int = 0
    names: frozenset[str] = frozenset()
    done: bool = False


class Filling:
    """One run of a rebuild; the pointer obeys the newest run only. Raises `StoreUnavailable` and `Superseded`."""

    def __init__(self, database: Database[dict[str, Any]], run: str) -> None:
        self._pointer = database.get_collection(POINTER, write_concern=JOURNALED)
        self._run = run

    def begin(self) -> tuple[int, int, dict[str, Filled]]:
        """The live generation, the one to fill, and what an earlier run has filled; raises `StillKept`."""
        with translated():
            self._pointer.update_one({"_id": POINTER_ID}, {"$setOnInsert": _FIRST}, upsert=True)
            found = self._pointer.find_one({"_id": POINTER_ID}) or _FIRST
        generations = generations_of(found)
        if generations.kept is not None:
            raise StillKept
        filling = generations.filling or generations.live + 1
        as_found = {name: found[name] for name in ("live", "filling", "kept", "run")}
        self._change(as_found, {"filling": filling, "run": self._run})
        return generations.live, filling, {one["application"]: _filled(one) for one in found["progress"]}

    def save(self, progress: Mapping[str, Filled]) -> None:
        """Whatever was written to the new generation before this is durable after it."""
        self._change({"run": self._run}, {"progress": [_plain(name, one) for name, one in progress.items()]})

    def switch(self, live: int, filling: int) -> None:
        """From now on people read the new generation; the one before is kept, and written as well."""
        mine = {"run": self._run, "live": live, "filling": filling}
        self._change(mine, {**_NOTHING_ELSE, "live": filling, "kept": live})

    def _change(self, expected: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        with translated():
            done = self._pointer.update_one({"_id": POINTER_ID, **expected}, {"$set": change})
        if not done.matched_count:
            raise Superseded


def forget_others(database: Database[dict[str, Any]]) -> int:
    """From now on nothing but the live generation is written; returns it. A rebuild under way ends."""
    pointer = database.get_collection(POINTER, write_concern=JOURNALED)
    with translated():
        pointer.update_one({"_id": POINTER_ID}, {"$set": _NOTHING_ELSE})
        return generations_of(pointer.find_one({"_id": POINTER_ID})).live


def drop_others(database: Database[dict[str, Any]], live: int) -> list[str]:
    """Remove the collections of every other generation; says which."""
    with translated():
        mine = {collection_name(base, live) for base in collections()}
        others = sorted({*_of_views(database.list_collection_names())} - mine)
        for name in others:
            database.drop_collection(name)
    return others


def _of_views(names: Iterable[str]) -> list[str]:
    of_views = re.compile(rf"({'|'.join(collections())})(\.g\d+)?")
    return [name for name in names if of_views.fullmatch(name)]


def _plain(application: str, filled: Filled) -> dict[str, Any]:
    return {
        "application": application,
        "xid": filled.cursor.xid,
        "position": filled.cursor.position,
        "events": filled.events,
        "names": sorted(filled.names),
        "done": filled.done,
    }


def _filled(found: Mapping[str, Any]) -> Filled:
    cursor = LogCursor(found["xid"], found["position"])
    return Filled(cursor, found["events"], frozenset(found["names"]), found["done"])
