"""The hub: one change stream per web process, shared by every request that waits for news."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import bson

from domain.aggregates.command import PENDING
from domain.query.task_query import TaskQuery
from store.lists.pages import translate_mongo_errors
from store.lists.task_list import Documents
from store.live.change_stream import Change, ChangeStream, millis_now, operation_time
from store.live.cursor import Cursor, Moment, end_of, iso_of_millis, millis_of
from store.live.deltas import Deltas, compute_deltas, may_affect, notified_keys, subscribed_keys
from store.live.hub_state import DEFERRED_MILLIS, MAX_AGE_MILLIS, NONE, HubState, News, Shown, task_of, version_of
from store.live.ring import Document, TaskChange
from store.live.seen_versions import Target, Version
from store.live.waiters import Waiters
from store.views.generations import LiveViews

_RECHECK = 1.0
_PAST_SECONDS = 60
_SKEW_MILLIS = 5_000
"""A cursor from further ahead was given out before the clock was set back: what is deferred by it cannot be told."""
_RING_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to one list since a cursor; on `reset` nothing is told and the list must be read again."""

    cursor: str
    reset: bool = False
    entered: Sequence[Document] = ()
    updated: Sequence[Document] = ()
    left: Sequence[str] = ()
    pending: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The command in flight on each task told of that has one."""

    @property
    def tells(self) -> bool:
        """Whether anything has happened."""
        return bool(self.reset or self.entered or self.updated or self.left)


class Hub:
    """Answers `what has changed since` for task lists, and `is it there yet` for single documents."""

    def __init__(
        self,
        database: Documents,
        views: LiveViews | None = None,
        *,
        ring_bytes: int = _RING_BYTES,
        past_seconds: int = _PAST_SECONDS,
    ) -> None:
        self._database = database
        self._views = views or LiveViews(database)
        self._state = HubState(ring_bytes)
        self._one_at_a_time = threading.Lock()
        self._documents = Waiters()
        self.lists = Waiters()
        self._stream = ChangeStream(self._views, past_seconds, self._begin_anew, self._take)
        self._thread = threading.Thread(target=self._stream.run, name="hub", daemon=True)

    @property
    def running(self) -> bool:
        """Whether the change stream is open."""
        return self._stream.running

    def start(self) -> None:
        """Begin to listen; in the process that answers, after any fork."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; whoever still waits times out."""
        self._stream.stop()
        self._thread.join(timeout=5)

    def cursor(self) -> str:
        """Now, as a position; take it before reading the list it is for. Raises `StoreUnavailable`."""
        with translate_mongo_errors():
            newest = operation_time(self._database)
        return Cursor(self._views.generation, end_of(newest), millis_now()).token

    def wait_changes(self, query: TaskQuery, cursor: str, timeout: float) -> Changes:
        """Answer as soon as this list differs from what it was at the cursor; raises `BadRequest` for a bad cursor."""
        position, deadline = Cursor.read(cursor), time.monotonic() + timeout
        keys = subscribed_keys(query)
        with self.lists.waiting(
            keys, lambda change: isinstance(change, TaskChange) and may_affect(change, query)
        ) as waiter:
            while True:
                # Before the look, which may take a while: what comes back meanwhile is in neither otherwise.
                looked = millis_now()
                answer = self._changes(query, position)
                left = deadline - time.monotonic()
                if answer.reset and left > 0 and not self.running:
                    # Whoever would read the list anew could not follow it yet.
                    waiter.sleep(min(left, _RECHECK))
                    return answer
                if answer.tells or left <= 0:
                    return answer
                waiter.sleep(min(left, self._until_next_back(query, looked, left)))

    def wait_documents(self, targets: Mapping[Target, Version], timeout: float) -> bool:
        """Whether all these documents have reached their (generation, revision) in time."""
        deadline = time.monotonic() + timeout
        with self._documents.waiting(list(targets), lambda _: not self._behind(targets)) as waiter:
            missing = self._behind(targets)
            # What the stream has not shown lately may have been there for long.
            missing = missing if self._has_shown(missing) else self._missing(missing)
            while missing and (left := deadline - time.monotonic()) > 0:
                woken = waiter.sleep(min(left, _RECHECK))
                missing = self._behind(missing) if woken else self._missing(missing)
        return not missing

    def newest(self, task_id: str) -> Document | None:
        """The task as the stream showed it last; None when it has not changed lately, or was shown in part."""
        with self._one_at_a_time:
            change = self._state.newest(task_id)
        return change.after if change and change.known and not _is_partial(change.after) else None

    def command(self, command_id: str) -> Mapping[str, Any] | None:
        """The command as the stream showed it last; None when it has not changed lately."""
        with self._one_at_a_time:
            return self._state.command(command_id)

    def in_flight(self, task_ids: Sequence[str], now: str) -> dict[str, Mapping[str, Any]]:
        """The command in flight for each task that has one; one past its time (`now`, ISO-8601) no longer is."""
        with self._one_at_a_time:
            return self._state.in_flight(task_ids, now)

    def _behind(self, targets: Mapping[Target, Version]) -> dict[Target, Version]:
        with self._one_at_a_time:
            return self._state.behind(targets)

    def _has_shown(self, targets: Mapping[Target, Version]) -> bool:
        with self._one_at_a_time:
            return self._state.has_shown(targets)

    def _changes(self, query: TaskQuery, cursor: Cursor) -> Changes:
        now, generation = millis_now(), self._views.generation
        in_time = now - MAX_AGE_MILLIS <= cursor.millis <= now + _SKEW_MILLIS
        millis = max(now, cursor.millis) if in_time else now
        with self._one_at_a_time:
            position = self._state.position
            known = in_time and cursor.generation == generation
            changes = self._state.since(cursor.time) if known else None
        newest = Cursor(generation, max(cursor.time, position), millis).token
        if changes is None or not all(_is_enough(change, query) for change in changes):
            return Changes(newest, reset=True)
        query, then = replace(query, now=iso_of_millis(millis)), iso_of_millis(cursor.millis)
        deltas = compute_deltas(changes, query, then)
        if query.deferred != "show":
            self._add_back(deltas, query, then, {change.task_id for change in changes})
        told = [document["_id"] for document in (*deltas.entered, *deltas.updated)]
        pending = self.in_flight(told, query.now)
        return Changes(newest, False, deltas.entered, deltas.updated, deltas.left, pending)

    def _add_back(self, deltas: Deltas, query: TaskQuery, then: str, told: set[str]) -> None:
        with self._one_at_a_time:
            back = self._state.back(then, query.now, subscribed_keys(query))
        ids = [task_id for task_id in back if task_id not in told]
        if not ids:
            return
        with translate_mongo_errors():
            documents = list(self._views["task"].find({"_id": {"$in": ids}}))
        same = [TaskChange((0, 0, 0), 0, document["_id"], document, document) for document in documents]
        returned = compute_deltas(same, query, then)
        deltas.entered += returned.entered
        deltas.left += returned.left

    def _until_next_back(self, query: TaskQuery, looked: int, left: float) -> float:
        if query.deferred == "show":
            return left
        until = iso_of_millis(millis_now() + int(left * 1000))
        with self._one_at_a_time:
            date = self._state.next_back(iso_of_millis(looked), until, subscribed_keys(query))
        return left if date is None else max(0.001, (millis_of(date) - millis_now()) / 1000)

    def _missing(self, targets: Mapping[Target, Version]) -> dict[Target, Version]:
        by_collection: dict[str, list[str]] = {}
        for collection, document_id in targets:
            by_collection.setdefault(collection, []).append(document_id)
        reached: dict[Target, Version] = {}
        with translate_mongo_errors():
            for collection, ids in by_collection.items():
                for found in self._views[collection].find({"_id": {"$in": ids}}, _VERSION):
                    reached[collection, found["_id"]] = version_of(found) or NONE
        return {target: version for target, version in targets.items() if reached.get(target, NONE) < version}

    def _begin_anew(self, start: Moment) -> None:
        oldest = iso_of_millis(millis_now() - DEFERRED_MILLIS)
        deferred = {"state": "open", "followUpDate": {"$gt": oldest}}
        in_flight = {"taskKey": {"$gt": ""}, "status": PENDING, "expiresAt": {"$gt": iso_of_millis(millis_now())}}
        # All of it before any of it is believed: until then answers come from what was known before.
        found = (
            list(self._views["task"].find(deferred, _DEFERRED)),
            list(self._views["command"].find(in_flight, _COMMAND)),
        )
        with self._one_at_a_time:
            self._state.begin(start, *found)
        self.lists.tell_all()

    def _take(self, change: Change, size: int) -> None:
        # Only the stream's thread changes the state: what is unknown when it looks still is when it is applied.
        with self._one_at_a_time:
            unknown = self._state.unknown_task(change)
        looked_up = self._look_up(unknown) if unknown else None
        with self._one_at_a_time:
            news = self._state.apply(change, size, millis_now(), looked_up)
        self._tell(news)

    def _tell(self, news: News) -> None:
        """Wake whom it concerns, after the position has moved: an answer carries no cursor from before its own news."""
        if news.change and news.change.known:
            self.lists.tell(notified_keys(news.change), news.change)
        elif news.change:
            self.lists.tell_all()
        self._documents.tell([news.document], news)

    def _look_up(self, task_id: str) -> Shown:
        task = task_of(self._views["task"].find_one({"_id": task_id}))
        return Shown(task, len(bson.encode(task)) if task else 0)


_VERSION = {"generation": 1, "revision": 1}
_COMMAND = {"status": 1, "taskKey": 1, "action": 1, "user": 1, "expiresAt": 1}
_DEFERRED = {"state": 1, "followUpDate": 1, "principals": 1}


def _is_enough(change: TaskChange, query: TaskQuery) -> bool:
    """Whether it can be told what a change means for a list; not where one searches in what was left out."""
    return change.known and not (query.needs_payload and (_is_partial(change.before) or _is_partial(change.after)))


def _is_partial(image: Document | None) -> bool:
    return image is not None and bool(image.get("partial"))
