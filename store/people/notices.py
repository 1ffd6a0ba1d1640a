"""Notices, in a collection that no rebuild touches: written once, leased to be delivered, forgotten later."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne
from pymongo.database import Database

from domain.notices.notice import Notice
from store.views.generations import COMMENTS
from store.views.mongo import JOURNALED, translated

NOTICES: Final = "notice"
KEPT_DAYS: Final = 90
"""After it is over a notice keeps what comes again from being noticed again; longer than anything comes again."""
COUNTED_TO: Final = 100_000
WAITING, FAILED = "waiting", "failed"
LISTED: Final = IndexModel(
    [("state", 1), ("time", -1), ("_id", -1)],
    name="listed",
    partialFilterExpression={"state": {"$in": [WAITING, FAILED]}},
)
"""What operators look at, newest first."""
_INDEXES: Final = [
    LISTED,
    IndexModel([("next", 1)], name="next", sparse=True),
    IndexModel([("state", 1)], name="failed", partialFilterExpression={"state": FAILED}),
    IndexModel([("done", 1)], name="age", expireAfterSeconds=KEPT_DAYS * 24 * 3600),
]

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one channel is with a notice."""

    tries: int = 0
    next: datetime | None = None
    """When it is tried, None at once."""
    outcome: str | None = None
    """None while it is not over."""
    reason: str | None = None
    """Why the last try failed, for operators; no text of the notice."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A notice in hand, for as long as the lease lasts."""

    notice: Notice
    holder: str
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    retried: datetime | None = None
    """When an operator had it tried again."""


class Notices:
    """All methods raise `StoreUnavailable`."""

    def __init__(self, database: Database[Document]) -> None:
        self._notices = database.get_collection(NOTICES, write_concern=JOURNALED)
        self._comments = database[COMMENTS]

    def prepare(self) -> None:
        """Make the indexes; the one by age lets the database forget what has been over for long."""
        with translated():
            self._notices.create_indexes(_INDEXES)

    def add(self, notices: Iterable[Notice], now: datetime) -> int:
        """Durable when it returns how many are new; what is known stays as it is."""
        writes = [UpdateOne({"_id": one.id}, {"$setOnInsert": _document(one, now)}, upsert=True) for one in notices]
        if not writes:
            return 0
        with translated():
            return int(self._notices.bulk_write(writes, ordered=False).upserted_count)

    def unknown(self, notices: Sequence[Notice]) -> list[Notice]:
        """Those that have not been noticed."""
        with translated():
            known = {
                one["_id"] for one in self._notices.find({"_id": {"$in": [one.id for one in notices]}}, {"_id": 1})
            }
        return [one for one in notices if one.id not in known]

    def take(self, now: datetime, lease: timedelta) -> Taken | None:
        """The one that has waited longest of those that may be told; whoever dies with it leaves it to the next."""
        holder = uuid4().hex
        with translated():
            found = self._notices.find_one_and_update(
                {"next": {"$lte": now}},
                {"$set": {"next": now + lease, "holder": holder}},
                sort=[("next", ASCENDING)],
                return_document=ReturnDocument.AFTER,
            )
        return None if found is None else _taken(found)

    def postpone(self, taken: Taken, until: datetime, deliveries: Mapping[str, Delivery] | None = None) -> None:
        """Put it back until then; does nothing when the lease has passed and another has it."""
        kept = {name: asdict(one) for name, one in (deliveries or taken.deliveries).items()}
        self._settle(taken, {"$set": {"next": until, "deliveries": kept}, "$unset": {"holder": ""}})

    def finish(self, taken: Taken, state: str, now: datetime, deliveries: Mapping[str, Delivery]) -> None:
        """It is over: `sent`, `dropped`, or `failed` on a channel."""
        kept = {name: asdict(one) for name, one in deliveries.items()}
        done = {"state": state, "done": now, "deliveries": kept}
        self._settle(taken, {"$set": done, "$unset": {"next": "", "holder": ""}})

    def waiting(self) -> int:
        """How many are not over, counted to 100,000."""
        with translated():
            return self._notices.count_documents({"next": {"$gt": _LONG_AGO}}, limit=COUNTED_TO, hint="next")

    def failed(self) -> int:
        """How many were given up in the last 90 days, counted to 100,000."""
        with translated():
            return self._notices.count_documents({"state": FAILED}, limit=COUNTED_TO, hint="failed")

    def is_said(self, notice: Notice) -> bool:
        """Whether the comment it is about is still there."""
        with translated():
            return (
                self._comments.find_one({"_id": notice.comment_id, "taskKey": notice.task_key}, {"_id": 1}) is not None
            )

    def _settle(self, taken: Taken, change: Mapping[str, Any]) -> None:
        with translated():
            self._notices.update_one({"_id": taken.notice.id, "holder": taken.holder}, change)


_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _document(notice: Notice, now: datetime) -> Document:
    plain = asdict(notice)
    plain["version"] = list(notice.version)
    del plain["id"]
    return {**plain, "state": WAITING, "next": now, "deliveries": {}}


def _taken(found: Document) -> Taken:
    names = ("kind", "task_key", "user", "time", "by", "comment_id", "due_date")
    generation, revision = found["version"]
    tasks = found.get("tasks", 1)
    notice = Notice(
        id=found["_id"], version=(generation, revision), tasks=tasks, **{name: found[name] for name in names}
    )
    deliveries = {name: delivery(one) for name, one in found["deliveries"].items()}
    return Taken(notice, found["holder"], deliveries, _aware(found.get("retried")))


def delivery(found: Mapping[str, Any]) -> Delivery:
    """As it was written down."""
    return Delivery(found["tries"], _aware(found["next"]), found["outcome"], found["reason"])


def _aware(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)
