"""The most recent changes of tasks, bounded in bytes and time."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store.live.cursor import Moment

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One task before and after one write.

    `known` is False when an image is missing; `touch` marks news about a task that itself did not change.
    """

    time: Moment
    millis: int
    task_id: str
    before: Document | None
    after: Document | None
    size: int = 0
    known: bool = True
    touch: bool = False


class Ring:
    """Holds the changes since `start`; older ones are forgotten when there are too many bytes or they are too old."""

    def __init__(self, max_bytes: int, max_age_millis: int) -> None:
        self._changes: deque[TaskChange] = deque()
        self._newest: dict[str, TaskChange] = {}
        self._max_bytes = max_bytes
        self._max_age = max_age_millis
        self._bytes = 0
        self._start: Moment | None = None

    def restart(self, start: Moment) -> None:
        """Forget everything; only positions from `start` on can be answered."""
        self._changes.clear()
        self._newest.clear()
        self._bytes = 0
        self._start = start

    def append(self, change: TaskChange) -> None:
        """Remember a change; its time is not before that of any other."""
        self._changes.append(change)
        self._newest[change.task_id] = change
        self._bytes += change.size
        while self._changes and self._is_too_much(change.millis):
            forgotten = self._changes.popleft()
            self._bytes -= forgotten.size
            self._start = forgotten.time
            if self._newest[forgotten.task_id] is forgotten:
                del self._newest[forgotten.task_id]

    def newest(self, task_id: str) -> TaskChange | None:
        """The last change of a task, if it is remembered."""
        return self._newest.get(task_id)

    def since(self, position: Moment) -> Sequence[TaskChange] | None:
        """The changes after the position, oldest first; None when some may be missing."""
        if self._start is None or position < self._start:
            return None
        found = []
        for change in reversed(self._changes):
            if change.time <= position:
                break
            found.append(change)
        return found[::-1]

    def _is_too_much(self, now: int) -> bool:
        return self._bytes > self._max_bytes or self._changes[0].millis < now - self._max_age
