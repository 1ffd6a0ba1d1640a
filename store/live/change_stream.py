"""The database's change stream, read for as long as the process lives, through failures of the database."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from bson.timestamp import Timestamp
from pymongo.change_stream import ChangeStream as DriverStream
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from domain.aggregates.kind import Watched
from domain.aggregates.register import KINDS
from store.live.cursor import Moment, end_of
from store.views.generations import COMMENTS, POINTER, LiveViews, collection_name
from store.views.large import without_large

_WRITES = ("insert", "update", "replace", "delete")
_BREAKS = ("drop", "rename", "dropDatabase", "invalidate")
_LOST = {136, 234, 260, 280, 286}  # the stream cannot be continued from where it was
_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_AWAIT_MS = 500
_MAX_BACK_OFF = 5.0

log = logging.getLogger(__name__)

Change = dict[str, Any]


class ChangeStream:
    """Calls `on_change(change, size)` for every write, and `on_start(time)` whenever continuity begins anew."""

    def __init__(
        self,
        views: LiveViews,
        past_seconds: int,
        on_start: Callable[[Moment], None],
        on_change: Callable[[Change, int], None],
    ) -> None:
        self._database = views.database
        self._views = views
        self._bases: dict[str, str] = {}
        self._past = past_seconds
        self._on_start = on_start
        self._on_change = on_change
        self._generation = 1
        self._token: Any = None
        self._stopping = threading.Event()
        self.running = False

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()

    def run(self) -> None:
        """Read until stopped; what MongoDB's absence interrupts is continued, what cannot be continued starts anew."""
        delay = 0.05
        while not self._stopping.is_set():
            try:
                with self._opened() as stream:
                    delay = 0.05
                    self._read(stream)
            except Exception as error:  # noqa: BLE001 - nothing may end the only listener of its process
                self._failed(error)
                self._stopping.wait(delay)
                delay = min(delay * 2, _MAX_BACK_OFF)
            finally:
                self.running = False

    def _read(self, stream: DriverStream[RawBSONDocument]) -> None:
        self.running = whole = True
        try:
            while whole and not self._stopping.is_set() and stream.alive:
                if (change := stream.try_next()) is not None:
                    # What fails half taken in is not taken in: then lists begin anew.
                    whole = False
                    whole = self._hand_on(bson.decode(change.raw), len(change.raw))
        finally:
            # Not after every change: the driver makes a deep copy each time.
            self._token = stream.resume_token
            if not whole:
                self._forget()

    def _hand_on(self, change: Change, size: int) -> bool:
        if change["operationType"] not in _WRITES:
            log.warning("change_stream_broken", extra={"operation": change["operationType"]})
            return False
        name = change["ns"]["coll"]
        if name == POINTER:
            return self._views.look() == self._generation
        change["ns"]["coll"] = self._bases[name]
        self._on_change(change, size)
        return True

    def _failed(self, error: Exception) -> None:
        lost = not isinstance(error, PyMongoError) or (isinstance(error, OperationFailure) and error.code in _LOST)
        log.warning("change_stream_interrupted", exc_info=error, extra={"lost": lost})
        if lost:
            self._forget()

    def _forget(self) -> None:
        self._token, self._past = None, 0

    def _opened(self) -> DriverStream[RawBSONDocument]:
        start = None
        if self._token is None:
            start = self._start()
            self._generation = self._views.look()
            self._bases = {COMMENTS: COMMENTS, **{collection_name(base, self._generation): base for base in KINDS}}
            self._on_start(end_of(start))
        return self._database.with_options(codec_options=_RAW).watch(
            _pipeline(self._generation),
            full_document="whenAvailable",
            full_document_before_change="whenAvailable",
            max_await_time_ms=_AWAIT_MS,
            batch_size=1000,
            start_at_operation_time=start,
            start_after=self._token,
        )

    def _start(self) -> Timestamp:
        newest = operation_time(self._database)
        return Timestamp(newest.time - self._past, 1) if self._past else newest


def operation_time(database: Database[dict[str, Any]]) -> Timestamp:
    """Up to where the primary has committed; `majority`, as a local read may run ahead of an older write."""
    answer = database.command(
        {"find": "task", "limit": 1, "projection": {"_id": 1}, "readConcern": {"level": "majority"}}
    )
    moment: Timestamp = answer["operationTime"]
    return moment


def millis_now() -> int:
    """The wall clock in milliseconds."""
    return time.time_ns() // 1_000_000


_SMALL = {name: f"$fullDocument.{name}" for name in ("_id", "generation", "revision")}


def _pipeline(generation: int) -> list[dict[str, Any]]:
    """Of what people read, and of the pointer that says what that is."""
    names = [collection_name(base, generation) for base in KINDS]
    is_row, is_whole = _watched_as("rows", generation), _watched_as("whole", generation)
    before = "$fullDocumentBeforeChange"
    about = {"taskKey": {"$ifNull": ["$fullDocument.taskKey", f"{before}.taskKey"]}}
    small = {"$cond": [{"$eq": ["$ns.coll", COMMENTS]}, about, _SMALL]}
    others = {"$cond": [is_whole, "$fullDocument", small]}
    return [
        {
            "$match": {
                "ns.coll": {"$in": [*names, COMMENTS, POINTER, None]},
                "operationType": {"$in": [*_WRITES, *_BREAKS]},
            }
        },
        {
            "$project": {
                **dict.fromkeys(("operationType", "ns", "documentKey", "clusterTime"), 1),
                "fullDocument": {"$cond": [is_row, without_large("$fullDocument"), others]},
                "fullDocumentBeforeChange": {"$cond": [is_row, without_large(before), "$$REMOVE"]},
            }
        },
    ]


def _watched_as(watched: Watched, generation: int) -> dict[str, Any]:
    names = [collection_name(kind.name, generation) for kind in KINDS.values() if kind.watched == watched]
    return {"$in": ["$ns.coll", names]}
