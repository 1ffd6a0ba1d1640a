"""What a web process knows of the last minutes, as a state: what a write of the views makes of it, what it answers.

There is no thread, no lock, no clock and no database in it. Whoever holds it lets in one at a time, says what time it
is, and looks up what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.live.cursor import Moment, following, iso_of_millis
from store.live.deferred import Deferred
from store.live.pending import Pending
from store.live.ring import Document, Ring, TaskChange
from store.live.seen_versions import Commands, SeenVersions, Target, Version
from store.views.generations import COMMENTS

MAX_AGE_MILLIS = 5 * 60_000
DEFERRED_MILLIS = 24 * 3_600_000
"""How long tasks that have come back are remembered: as far as the clock may have been ahead, and set back."""

Change = Mapping[str, Any]
"""A write, as the change stream tells it."""

NONE: Version = (-1, 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A task as the views show it, None where they do not, and its size in bytes."""

    task: Document | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """What a write tells: who waits for the document, and, where there is a change, whose lists it concerns."""

    document: Target
    change: TaskChange | None = None


class HubState:
    """The changes of tasks lately, what is deferred and in flight, and how far documents have come."""

    def __init__(self, ring_bytes: int) -> None:
        self._ring = Ring(ring_bytes, MAX_AGE_MILLIS)
        self._deferred = Deferred()
        self._pending = Pending()
        self._seen = SeenVersions()
        self._commands = Commands()
        self.position: Moment = (0, 0, 0)

    def begin(self, start: Moment, deferred: Iterable[Document], in_flight: Iterable[Document]) -> None:
        """Continuity begins anew at `start`: of what was before only these tasks and commands are known."""
        self._deferred.restart(deferred)
        self._pending.restart(in_flight)
        self._seen.restart()
        self._commands.restart()
        self._ring.restart(start)
        self.position = start

    def unknown_task(self, change: Change) -> str | None:
        """The task that has to be looked up before this change is applied, as its readers hear of it."""
        task_id = self._touched(change)
        return task_id if task_id and self._shown(task_id) is None else None

    def apply(self, change: Change, size: int, now: int, looked_up: Shown | None = None) -> News:
        """Take in a write at `now`, in milliseconds; one that cannot be read leaves `position` where it was."""
        target = change["ns"]["coll"], change["documentKey"]["_id"]
        moment = following(self.position, change["clusterTime"])
        task_id = self._touched(change)
        told = None
        if target[0] == "task":
            told = self._task_changed(_task_change(change, moment, size, now))
        elif target[0] == "command":
            self._commands.note(target[1], change.get("fullDocument"))
            self._pending.observe(target[1], change.get("fullDocument"))
        if task_id:
            shown = self._shown(task_id) or looked_up or Shown()
            told = _touch(shown, moment, now)
        if told is not None:
            self._ring.append(told)
        self.position = moment
        self._seen.note(target, version_of(change.get("fullDocument")))
        return News(target, told)

    def since(self, position: Moment) -> Sequence[TaskChange] | None:
        """The changes of tasks after it, oldest first; None when some may be missing."""
        return self._ring.since(position)

    def newest(self, task_id: str) -> TaskChange | None:
        """The last change of a task; None when it has not changed lately."""
        return self._ring.newest(task_id)

    def command(self, command_id: str) -> Mapping[str, Any] | None:
        """As it was shown last; None when it has not changed lately."""
        return self._commands.of(command_id)

    def in_flight(self, task_ids: Sequence[str], now: str) -> dict[str, Mapping[str, Any]]:
        """The command in flight for each task that has one; one past its time (`now`, ISO-8601) no longer is."""
        return self._pending.of(task_ids, now)

    def back(self, then: str, now: str, keys: Sequence[str]) -> list[str]:
        """The tasks that came back after `then` and not after `now`."""
        return self._deferred.back(then, now, keys)

    def next_back(self, then: str, until: str, keys: Sequence[str]) -> str | None:
        """When the next one comes back."""
        return self._deferred.next_back(then, until, keys)

    def behind(self, targets: Mapping[Target, Version]) -> dict[Target, Version]:
        """Those that were not shown, or in an older version."""
        return {target: version for target, version in targets.items() if (self._seen.of(target) or NONE) < version}

    def has_shown(self, targets: Iterable[Target]) -> bool:
        """Whether all of them have changed lately."""
        return all(self._seen.of(target) is not None for target in targets)

    def _task_changed(self, change: TaskChange) -> TaskChange:
        self._deferred.observe(change.task_id, change.after)
        self._deferred.prune(iso_of_millis(change.millis - DEFERRED_MILLIS))
        return change

    def _touched(self, change: Change) -> str | None:
        """The readers of a task hear when a command on it begins or ends, and when somebody says something about it."""
        document: Mapping[str, Any] = change.get("fullDocument") or {}
        if change["ns"]["coll"] == "command":
            return self._pending.about(change["documentKey"]["_id"], document)
        return document.get("taskKey") if change["ns"]["coll"] == COMMENTS else None

    def _shown(self, task_id: str) -> Shown | None:
        change = self._ring.newest(task_id)
        return Shown(change.after, change.size) if change and change.known else None


def task_of(image: Document | None) -> Document | None:
    """What is left of a task after its retention is nobody's task any more."""
    return image if image and "principals" in image else None


def _touch(shown: Shown, moment: Moment, now: int) -> TaskChange | None:
    task = shown.task
    return None if task is None else TaskChange(moment, now, task["_id"], task, task, shown.size, touch=True)


def _task_change(change: Change, moment: Moment, size: int, now: int) -> TaskChange:
    before, after = change.get("fullDocumentBeforeChange"), change.get("fullDocument")
    operation = change["operationType"]
    known = (before is not None or operation == "insert") and (after is not None or operation == "delete")
    return TaskChange(moment, now, change["documentKey"]["_id"], task_of(before), task_of(after), size, known)


def version_of(document: Mapping[str, Any] | None) -> Version | None:
    """Its generation and revision; None of what is gone; the stream's projection makes an empty image of that."""
    return (document.get("generation", 0), document.get("revision", 0)) if document else None
