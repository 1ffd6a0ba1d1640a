"""The commands in flight, followed through the change stream, so that an answer need not ask the database."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.aggregates.command import PENDING

Document = Mapping[str, Any]


class Pending:
    """Knows every command on a task that has no answer yet."""

    def __init__(self) -> None:
        self._by_task: dict[str, dict[str, Document]] = defaultdict(dict)
        self._task_of: dict[str, str] = {}
        self._lock = threading.Lock()

    def restart(self, commands: Iterable[Document]) -> None:
        """Know exactly these commands."""
        with self._lock:
            self._by_task.clear()
            self._task_of.clear()
            for command in commands:
                self._note(command["_id"], command)

    def observe(self, command_id: str, command: Document | None) -> str | None:
        """Take note of what the command looks like now (None: it is gone); the task for which it began or ended."""
        with self._lock:
            return self._note(command_id, command)

    def of(self, task_ids: Sequence[str], now: str) -> dict[str, Document]:
        """The command in flight for each task that has one; one past its time (`now`, ISO-8601) no longer is."""
        with self._lock:
            return {
                task_id: command
                for task_id in task_ids
                if task_id in self._by_task
                for command in self._by_task[task_id].values()
                if command["expiresAt"] > now
            }

    def _note(self, command_id: str, command: Document | None) -> str | None:
        task = self._task_of.pop(command_id, None)
        if task is not None:
            del self._by_task[task][command_id]
            if not self._by_task[task]:
                del self._by_task[task]
        if command and command.get("status") == PENDING and command.get("taskKey"):
            task = str(command["taskKey"])
            self._task_of[command_id] = task
            self._by_task[task][command_id] = command
        return task
