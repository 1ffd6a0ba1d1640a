"""What has ended in an instance without being done: its listeners hear of it, and what belongs to it is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import itemgetter
from uuid import UUID

from SpiffWorkflow.bpmn.specs.defaults import EventSubprocess
from SpiffWorkflow.util.task import TaskState

from engines.spiff import listeners
from engines.spiff.activity import DONE, ENTERED, SHOWN
from engines.spiff.event_subprocesses import has_begun
from engines.spiff.history import forget_ended
from engines.spiff.run import Home, Run, Task
from engines.spiff.stops import LISTENER


class Gone:
    """Of one step of one instance."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._told: set[str] = set()

    def tell(self) -> bool:
        """Tell the listeners of what has ended without being done, the innermost first; whether there was anything."""
        run = self._run
        calls = [name for name in run.calls if name not in self._told and _is_over(run, name)]
        self._told.update(calls)
        ended = [inner for name in calls if (inner := run.workflow.subprocesses.get(UUID(name))) is not None]
        interrupted = [task for task in tasks_of(run) if self._is_gone(task)]
        gone: list[tuple[int, Callable[[], None]]] = [
            *((2 * task.workflow.depth + 1, partial(listeners.tell_gone, run, task)) for task in interrupted),
            *((2 * one.depth, partial(listeners.process_cancelled, run, one)) for one in ended),
        ]
        for _, tell in sorted(gone, key=itemgetter(0), reverse=True):
            tell()
        return bool(gone)

    def _is_gone(self, task: Task) -> bool:
        """Whether it was cancelled after its listeners had been told that it began."""
        was_begun = ENTERED in task.internal_data or SHOWN in task.internal_data
        is_told = listeners.GONE in task.internal_data or DONE in task.internal_data
        if task.state != TaskState.CANCELLED or not was_begun or is_told:
            return False
        return not isinstance(task.task_spec, EventSubprocess) or has_begun(self._run, task)


def tidy(run: Run) -> list[Home]:
    """Forget what belongs to elements that have ended; returns the called instances among it."""
    forget_ended(run.workflow)
    cancelled = []
    for names in (run.stops, run.jobs, run.calls, run.local, run.completed, run.undoing):
        for name in [name for name in names if _is_over(run, name)]:
            if names is run.calls:
                cancelled.append(run.calls[name])
            del names[name]
    return cancelled


def tasks_of(run: Run) -> Iterator[Task]:
    """All tasks of an instance and of what runs within it."""
    for workflow in (run.workflow, *run.workflow.subprocesses.values()):
        yield from workflow.tasks.values()


def _is_over(run: Run, task_id: str) -> bool:
    if LISTENER in task_id:
        return listeners.is_over(run, task_id)
    task = run.find(task_id)
    return task is None or task.state == TaskState.CANCELLED
