"""Compensation: what has completed in a scope is undone by its handlers, what completed last first.

A throw event takes what has completed in its scope, and begins one handler after another as tasks of its own; each runs
as far as it gets before the next begins, as in Camunda 7. A sub-process that has completed comes back with the
variables it had, and its handlers run in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.defaults import EventSubprocess
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.util.task import TaskState

from engines.spiff.calls import inner_of
from engines.spiff.completed import Completed, added, last
from engines.spiff.run import Run, Task, Workflow, run_of
from engines.spiff.specs import Inner

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored

_OVER = "compensated"
"""Mark of a task whose handlers have all ended."""
_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


class CompensateEvent(NoneEventDefinition):  # type: ignore[misc]
    """Compensation of one activity, by the event's name, or of all there is in the scope."""


class _Compensating:
    event_definition: Any

    def _run_hook(self, my_task: Task) -> Any:
        """Begin to compensate; once all of it has ended, go on as the event does."""
        run = run_of(my_task)
        if not my_task.internal_data.pop(_OVER, False) and (found := self._taken(run, my_task)):
            run.undoing[str(my_task.id)] = found
            return None
        return super()._run_hook(my_task)  # type: ignore[misc]

    def _taken(self, run: Run, my_task: Task) -> list[Completed]:
        return _take(run, my_task, self.event_definition.name)


class CompensateThrow(_Compensating, defaults.IntermediateThrowEvent):  # type: ignore[misc]
    """A compensation event in the flow."""


class CompensateEnd(_Compensating, defaults.EndEvent):  # type: ignore[misc]
    """A compensation event at its end."""


class CancelEnd(_Compensating, defaults.EndEvent):  # type: ignore[misc]
    """The end of a transaction that is cancelled: all else in it stops, and what has completed is compensated."""

    def _taken(self, run: Run, my_task: Task) -> list[Completed]:
        workflow = my_task.workflow
        for task in list(workflow.tasks.values()):
            if task is not my_task and task.has_state(_LIVE) and task.task_spec is not workflow.spec.end:
                run.cancel(task)
        return _take(run, my_task, None)


class Undo(Inner):
    """The compensation of a sub-process that has no handler of its own beside it."""

    extensions: dict[str, Any]

    def start_workflow(self, my_task: Task) -> None:
        """The sub-process as it was: nothing in it begins but what compensates."""
        run, name = run_of(my_task), str(my_task.id)
        start = inner_of(my_task).task_tree
        start._drop_children(force=True)
        start._set_state(TaskState.COMPLETED)
        if own := self.extensions.get("ownCompensation"):
            run.undoing[name] = []
            _begin(run, start, start.workflow.spec.task_specs[own], Completed(own))
        else:
            run.undoing[name] = run.completed.pop(name, [])


def remember(run: Run, task: Task, local: Mapping[str, Any]) -> None:
    """Note that an activity has completed, where it can be compensated; `local` is what only it has seen."""
    inner = run.completed.pop(str(task.id), [])
    if isinstance(task.task_spec, LoopTask):
        _note(run, task, inner)
        return
    handler = task.workflow.spec.task_specs.get(getattr(task.task_spec, "extensions", {}).get("compensation"))
    if isinstance(handler, Undo):
        if inner or handler.extensions.get("ownCompensation"):
            _note(run, task, [Completed(task.task_spec.bpmn_id, dict(local), tuple(inner))])
    elif handler is not None:
        seen = dict(local) if isinstance(task.parent.task_spec, LoopTask) else {}
        _note(run, task, [Completed(task.task_spec.bpmn_id, seen)])


def proceed(run: Run) -> bool:
    """Begin the next handler, or end what waits for handlers that have all ended; whether anything changed."""
    for name in reversed(list(run.undoing)):
        task = run.find(name)
        if task is None or task.state != TaskState.STARTED:
            continue
        places, left = _places(run, task), run.undoing[name]
        if left:
            one = last(left)
            place = places[one.outward]
            _begin(run, place, _handler(place.workflow.spec.task_specs, one.element), one)
            return True
        handlers = [child for place in places for child in place.children if child.triggered]
        if all(child.has_state(TaskState.FINISHED_MASK) for child in handlers):
            _end(run, task, handlers)
            return True
    return False


def _begin(run: Run, place: Task, handler: Any, one: Completed) -> None:
    task = place._add_child(handler, TaskState.FUTURE)
    task.triggered = True
    if one.local:
        run.put_local(task, one.local)
    if one.inner:
        run.completed[str(task.id)] = list(one.inner)
    handler._update(task)


def _end(run: Run, task: Task, handlers: list[Task]) -> None:
    for handler in handlers:
        run.local.pop(str(handler.id), None)
    del run.undoing[str(task.id)]
    if isinstance(task.task_spec, Undo):
        run.workflow.subprocesses[task.id].completed = True
        run.completed.pop(str(task.id), None)
    else:
        task.internal_data[_OVER] = True
    task._set_state(TaskState.READY)


def _places(run: Run, task: Task) -> list[Task]:
    """What the handlers of each scope are children of, from the innermost on."""
    if isinstance(task.task_spec, Undo):
        return [run.workflow.subprocesses[task.id].task_tree]
    return [task, *_open_around(run, task)]


def _handler(task_specs: Mapping[str, Any], element: str) -> Any:
    activity = task_specs.get(f"{element} [child]") or task_specs[element]
    return task_specs[activity.extensions["compensation"]]


def _take(run: Run, task: Task, element: str | None) -> list[Completed]:
    """What a throw event compensates, in the order it has completed; nobody else will find it."""
    found = list[Completed]()
    for outward, place in enumerate(_places(run, task)):
        scope = _scope(place.workflow)
        there = run.completed.pop(scope, [])
        found = [replace(one, outward=outward) for one in there if element in (None, one.element)] + found
        if left := [one for one in there if element not in (None, one.element)]:
            run.completed[scope] = left
    return found


def _open_around(run: Run, task: Task) -> Iterator[Task]:
    """The event sub-processes around a task: what they throw reaches what is around them."""
    owner = run.find(str(task.workflow.parent_task_id))
    while owner is not None and _is_open(owner.task_spec):
        yield owner
        owner = run.find(str(owner.workflow.parent_task_id))


def _is_open(spec: Any) -> bool:
    return isinstance(spec, EventSubprocess) or bool(getattr(spec, "extensions", {}).get("outward"))


def _scope(workflow: Workflow) -> str:
    return str(workflow.parent_task_id or workflow.task_tree.id)


def _note(run: Run, task: Task, more: list[Completed]) -> None:
    """Instances of an activity are found once all of them have completed."""
    several = isinstance(task.parent.task_spec, LoopTask)
    scope = str(task.parent.id) if several else _scope(task.workflow)
    if more:
        run.completed[scope] = added(run.completed.get(scope, ()), *more)
