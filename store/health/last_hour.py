"""How much waited in the last hour: looked at every twenty seconds, and forgotten by the database itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import pymongo
from pymongo import IndexModel
from pymongo.database import Database as Documents
from pymongo.errors import BulkWriteError

from store.health.backlog import backlog
from store.health.checks import PATIENCE_SECONDS, Questions, queue_depths
from store.messaging.topology import DEAD, DEAD_COMMANDS, PROJECTOR
from store.sql.databases import ApplicationDatabases
from store.views.mongo import DUPLICATE_KEY, translated

COLLECTION: Final = "backlog_sample"
EVERY_SECONDS: Final = 20
KEPT_SECONDS: Final = 3600
MOST: Final = KEPT_SECONDS // EVERY_SECONDS
LAG, OUTBOX, QUEUES = KINDS = "lag", "outbox", "queues"
"""Seconds the first waiting event has waited, events that wait, by store; messages that wait, by queue."""
_INDEXES: Final = [IndexModel([("at", 1)], name="age", expireAfterSeconds=KEPT_SECONDS)]

Numbers = Mapping[str, Mapping[str, float]]
"""By kind and name; what did not answer is not in it."""
Sources = Questions[Numbers]


@dataclass(frozen=True, slots=True)
class Sample:
    """How much waited at one time, as seconds since 1970."""

    at: float
    numbers: Numbers = field(default_factory=dict)


class LastHour:
    """One sample for each span of time, whoever and however many look. Raises `StoreUnavailable`, and does not wait."""

    def __init__(self, database: Documents[dict[str, Any]]) -> None:
        self._samples = database[COLLECTION]

    def prepare(self) -> None:
        """Make the index by which the database forgets."""
        with translated():
            self._samples.create_indexes(_INDEXES)

    def keep(self, samples: Sequence[Sample]) -> None:
        """Those of spans that have one already are left out."""
        documents: list[dict[str, Any]] = [
            {"_id": _span(one.at), "at": datetime.fromtimestamp(one.at, UTC), **one.numbers} for one in samples
        ]
        with pymongo.timeout(PATIENCE_SECONDS), translated():
            self._insert(documents)

    def find(self, now: float) -> list[Sample]:
        """Those of the hour before then, the oldest first."""
        with pymongo.timeout(PATIENCE_SECONDS), translated():
            asked = {"_id": {"$gt": _span(now) - MOST, "$lte": _span(now)}}
            found = list(self._samples.find(asked, sort=[("_id", 1)], limit=MOST))
        return [_sample(one) for one in found]

    def _insert(self, documents: Sequence[dict[str, Any]]) -> None:
        try:
            self._samples.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            if any(one["code"] != DUPLICATE_KEY for one in error.details["writeErrors"]):
                raise


def sources(amqp_url: str, stores: ApplicationDatabases) -> Sources:
    """Everybody who is asked how much waits, each by itself."""
    asked: dict[str, Callable[[], Numbers]] = {name: partial(_of_store, stores, name) for name in stores.names}
    queues = [PROJECTOR, DEAD, DEAD_COMMANDS, *(f"engine.{name}" for name in stores.names)]
    return Questions({**asked, "rabbitmq": partial(_of_queues, amqp_url, queues)})


def taken(asked: Sources, at: float) -> Sample:
    """A sample of this time; who does not answer within about two seconds is left out."""
    answers = [one for one in asked.put().values() if not isinstance(one, Exception)]
    return Sample(at, {kind: {k: v for one in answers for k, v in one.get(kind, {}).items()} for kind in KINDS})


def _of_store(stores: ApplicationDatabases, name: str) -> Numbers:
    with stores.open(name).reading() as connection:
        found = backlog(connection)
    return {LAG: {name: round(found.outbox_oldest, 3)}, OUTBOX: {name: found.outbox}}


def _of_queues(amqp_url: str, queues: Sequence[str]) -> Numbers:
    return {QUEUES: {name: messages for name, (messages, _) in queue_depths(amqp_url, queues).items()}}


def _span(at: float) -> int:
    return int(at // EVERY_SECONDS)


def _sample(found: Mapping[str, Any]) -> Sample:
    return Sample(found["at"].replace(tzinfo=UTC).timestamp(), {kind: found.get(kind, {}) for kind in KINDS})
