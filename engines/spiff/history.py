"""What a running instance need not remember: finished tasks that nothing looks back to are taken out of its tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BpmnStartTask
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import (
    LoopTask,
    SequentialMultiInstanceTask,
    StandardLoopTask,
)
from SpiffWorkflow.util.task import TaskState

from engines.spiff.run import Run, Task, Workflow
from engines.spiff.stops import LISTENER
from engines.spiff.tokens import is_arrival

# ruff: noqa: SLF001 - the tree has no other seam

_IN_TURN = (SequentialMultiInstanceTask, StandardLoopTask)


def prune(run: Run) -> None:
    """Forget what has ended; between two tasks only, while none is being run."""
    top = run.workflow
    forget_ended(top)
    workflows = [top, *top.subprocesses.values()]
    for workflow in workflows:
        _prune(workflow, run)
    known = {task_id for workflow in workflows for task_id in workflow.tasks}
    for task_id in [task_id for task_id in top.event_manager.tasks if task_id not in known]:
        del top.event_manager.tasks[task_id]


def forget_ended(top: Workflow) -> None:
    """End and forget the sub-processes whose task has ended or is gone."""
    for ended in _ended_subprocesses(top):
        inner = top.subprocesses.pop(ended)
        if not inner.completed:
            inner.cancel()


def end_within(top: Workflow) -> None:
    """End what goes on within tasks that have ended or are gone; it is there until its listeners have been told."""
    for ended in _ended_subprocesses(top) if top.subprocesses else ():
        if not top.subprocesses[ended].completed:
            top.subprocesses[ended].cancel()


def _ended_subprocesses(top: Workflow) -> list[UUID]:
    """Those whose task has finished, and all within them."""
    left, ended = dict(top.subprocesses), list[UUID]()
    while True:
        tasks = {**top.tasks, **{key: task for inner in left.values() for key, task in inner.tasks.items()}}
        found = [key for key in left if key not in tasks or tasks[key].has_state(TaskState.FINISHED_MASK)]
        if not found:
            return ended
        for key in found:
            del left[key]
        ended += found


def _prune(workflow: Workflow, run: Run) -> None:
    for task in list(workflow.tasks.values()):
        if isinstance(task.task_spec, BoundaryEventJoin) and _is_over_beside(task.parent) and not task.children:
            # What it waits for is seen by that of the activity itself.
            task.parent._children.remove(task.id)
            del workflow.tasks[task.id]
        elif isinstance(task.task_spec, _IN_TURN) and len(task.internal_data.get("merged", ())) > 1:
            _forget_rounds(task, run)
    if workflow.last_task is not None and workflow.last_task.id not in workflow.tasks:
        workflow.last_task = None
    kept = set(_kept(workflow, run))
    for task in list(workflow.tasks.values()):
        if task.has_state(TaskState.FINISHED_MASK) and task.id not in kept:
            _splice(workflow, task)


def _forget_rounds(several: Task, run: Run) -> None:
    """Of instances one after the other the last that has ended is looked at; of those before it, how many there are."""
    merged = several.internal_data["merged"]
    merged[:-1] = [0] * (len(merged) - 1)
    for child in several.children:
        if child.has_state(TaskState.FINISHED_MASK) and str(child.id) != merged[-1]:
            run.local.pop(str(child.id), None)


def _kept(workflow: Workflow, run: Run) -> Iterator[UUID]:
    """Finished tasks that somebody still looks at."""
    yield workflow.task_tree.id
    if workflow.last_task is not None:
        yield workflow.last_task.id
    starts = workflow.spec.bpmn_start_events
    set_aside = {name.partition(LISTENER)[0] for name in run.stops if LISTENER in name}
    for task in workflow.tasks.values():
        if str(task.id) in set_aside:
            yield task.id
        if task.task_spec in starts or isinstance(task.task_spec, BpmnStartTask) or str(task.id) in run.local:
            yield task.id
        if not task.has_state(TaskState.FINISHED_MASK):
            yield from _looked_at_by(task)
        elif is_arrival(task):
            yield task.id
            yield task.parent.id
        elif _is_instance(task):
            yield task.id


def _looked_at_by(task: Task) -> Iterator[UUID]:
    """A task that has not finished looks at its predecessor, and a join at the split its branches come from."""
    if task.parent is not None:
        yield task.parent.id
    split = getattr(task.task_spec, "split_task", None)
    before = task.parent if split else None
    while before is not None:
        if before.task_spec.name == split:
            yield before.id
            yield from (child.id for child in before.children if child.children or not _is_over_beside(child))
            return
        before = before.parent


def _is_over_beside(task: Task) -> bool:
    """An event that has fired on the boundary of an activity and has not interrupted it."""
    spec = task.task_spec
    return isinstance(spec, BoundaryEvent) and not spec.cancel_activity and task.state == TaskState.COMPLETED


def _is_instance(task: Task) -> bool:
    """One of several instances of an activity that is not over; of those in turn the last."""
    several = task.parent
    if several is None or not isinstance(several.task_spec, LoopTask) or several.has_state(TaskState.FINISHED_MASK):
        return False
    return not isinstance(several.task_spec, _IN_TURN) or str(task.id) in several.internal_data.get("merged", ())[-1:]


def _splice(workflow: Workflow, task: Task) -> None:
    parent: Any = task.parent
    if parent is None:
        return
    at = parent._children.index(task.id)
    parent._children[at : at + 1] = task._children
    for child in task._children:
        workflow.tasks[child]._parent = parent.id
    del workflow.tasks[task.id]
