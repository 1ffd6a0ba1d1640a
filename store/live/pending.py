"""The commands in flight, followed through the change stream, so that an answer need not ask the database."""

from __future__ import annotations

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

    def restart(self, commands: Iterable[Document]) -> None:
        """Know exactly these commands."""
        self._by_task.clear()
        self._task_of.clear()
        for command in commands:
            self._note(command["_id"], command)

    def observe(self, command_id: str, command: Document | None) -> str | None:
        """Take note of what the command looks like now (None: it is gone); the task for which it began or ended."""
        return self._note(command_id, command)

    def about(self, command_id: str, command: Document | None) -> str | None:
        """The task for which it begins or ends, were this observed."""
        return _task_of(command) or self._task_of.get(command_id)

    def of(self, task_ids: Sequence[str], now: str) -> dict[str, Document]:
        """The command in flight for each task that has one; one past its time (`now`, ISO-8601) no longer is."""
        return {
            task_id: command
            for task_id in task_ids
            if task_id in self._by_task
            for command in self._by_task[task_id].values()
            # One that a rebuild has made anew has no time that is left.
            if command.get("expiresAt", "") > now
        }

    def _note(self, command_id: str, command: Document | None) -> str | None:
        task = self._task_of.pop(command_id, None)
        if task is not None:
            del self._by_task[task][command_id]
            if not self._by_task[task]:
                del self._by_task[task]
        if command and (begun := _task_of(command)):
            task = begun
            self._task_of[command_id] = task
            self._by_task[task][command_id] = command
        return task


def _task_of(command: Document | None) -> str | None:
    """The task that a command in flight is about."""
    if command and command.get("status") == PENDING and command.get("taskKey"):
        return str(command["taskKey"])
    return None
