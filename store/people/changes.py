"""Changes that addresses are to hear of, in a collection that no rebuild touches: leased in lots, forgotten soon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.database import Database

from domain.notices.change import Change
from store.people.notices import COUNTED_TO, FAILED, LISTED, WAITING, Delivery, delivery
from store.views.mongo import JOURNALED, translated

CHANGES: Final = "change_notice"
KNOWN: Final = timedelta(days=2)
"""What was told is remembered for so long: what comes again later is no news."""
KEPT: Final = timedelta(days=7)
"""What was given up, and what nobody tells because its address is not in the settings any more."""
_INDEXES: Final = [
    IndexModel([("way", 1), ("next", 1)], name="next", partialFilterExpression={"state": WAITING}),
    LISTED,
    IndexModel([("forget", 1)], name="age", expireAfterSeconds=0),
]

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TakenChange:
    """A change in hand, for as long as the lease lasts."""

    change: Change
    holder: str
    delivery: Delivery
    retried: datetime | None
    """When an operator had it tried again."""


class Changes:
    """All methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        self._changes = database.get_collection(CHANGES, write_concern=JOURNALED)

    def prepare(self) -> None:
        """Make the indexes; the one by age lets the database forget."""
        with translated():
            self._changes.create_indexes(_INDEXES)

    def add(self, changes: Iterable[Change], now: datetime) -> int:
        """Durable when it returns how many are new; what is known stays as it is."""
        writes = [UpdateOne({"_id": one.id}, {"$setOnInsert": _document(one, now)}, upsert=True) for one in changes]
        if not writes:
            return 0
        with translated():
            return int(self._changes.bulk_write(writes, ordered=False).upserted_count)

    def take(self, way: str, now: datetime, lease: timedelta, most: int) -> list[TakenChange]:
        """Those of one address that have waited longest; whoever dies with them leaves them to the next."""
        due, holder = {"state": WAITING, "way": way, "next": {"$lte": now}}, uuid4().hex
        with translated():
            found = self._changes.find(due, {"_id": 1}, sort=[("next", ASCENDING)], limit=most)
            mine = {"_id": {"$in": [one["_id"] for one in found]}}
            if not mine["_id"]["$in"]:
                return []
            # What another has taken meanwhile is due later.
            self._changes.update_many({**mine, **due}, {"$set": {"next": now + lease, "holder": holder}})
            return [_taken(one) for one in self._changes.find({**mine, "holder": holder})]

    def settle(self, lot: Iterable[tuple[TakenChange, Delivery]], now: datetime) -> None:
        """How far each of them is; nothing of those that another has by now."""
        writes = [
            UpdateOne({"_id": taken.change.id, "holder": taken.holder}, _settled(taken.change.way, became, now))
            for taken, became in lot
        ]
        with translated():
            self._changes.bulk_write(writes, ordered=False)

    def waiting(self) -> int:
        """How many are not over, counted to 100,000."""
        return self._counted(WAITING)

    def failed(self) -> int:
        """How many were given up in the last week, counted to 100,000."""
        return self._counted(FAILED)

    def _counted(self, state: str) -> int:
        with translated():
            return self._changes.count_documents({"state": state}, limit=COUNTED_TO, hint=LISTED.document["name"])


def _settled(way: str, became: Delivery, now: datetime) -> Document:
    kept = {f"deliveries.{way}": asdict(became)}
    if became.outcome is None:
        return {"$set": {**kept, "next": became.next or now}, "$unset": {"holder": ""}}
    forget = now + (KEPT if became.outcome == FAILED else KNOWN)
    over = {**kept, "state": became.outcome, "done": now, "forget": forget}
    return {"$set": over, "$unset": {"next": "", "holder": ""}}


def _document(change: Change, now: datetime) -> Document:
    plain: Mapping[str, Any] = {**asdict(change), "version": list(change.version), "kind": "change", "user": None}
    waits = {"state": WAITING, "next": now, "forget": now + KEPT, "deliveries": {change.way: asdict(Delivery())}}
    return {name: value for name, value in plain.items() if name != "id"} | waits


def _taken(found: Document) -> TakenChange:
    names = ("way", "event_id", "event", "application", "task_key", "time", "by")
    generation, revision = found["version"]
    change = Change(id=found["_id"], version=(generation, revision), **{name: found[name] for name in names})
    retried = found.get("retried")
    return TakenChange(
        change, found["holder"], delivery(found["deliveries"][change.way]), retried and retried.replace(tzinfo=UTC)
    )
