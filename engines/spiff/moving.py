"""Move an instance by hand: the tokens at one element end, and others begin before or behind an element."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit, BpmnStartTask, _EndJoin
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EventBasedGateway,
    EventSubprocess,
    ExclusiveGateway,
    InclusiveGateway,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.util.task import TaskState

from domain.errors import CannotMove
from engines.spiff.run import Run, Task, Workflow

# ruff: noqa: SLF001 - the tree has no other seam

_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_FIXED = (StartEvent, BoundaryEvent, EventSubprocess)
"""What begins by an event, and not because a token comes to it."""


def move(run: Run, instance_id: str, from_element: str, to_element: str | None) -> None:
    """End every token of the instance at one element; each goes on before another one, or behind it: `None`.

    Raises `CannotMove` where no token is, where none can begin, and for another (sub)process.
    """
    found = list(tokens(run, instance_id, from_element))
    if not found:
        raise CannotMove(f"nothing of this instance is at {from_element!r}")
    for task in found:
        if _compensates(task.task_spec):
            if to_element is not None:
                raise CannotMove(f"{from_element!r} compensates; go on behind it")
            run.cancel(task)
        elif to_element is None:
            _pass(run, task)
        else:
            _put_before(run, task, _entry(task.workflow, to_element))


def tokens(run: Run, instance_id: str, element: str) -> Iterator[Task]:
    """What is at an element of an instance now; several instances of one activity are one."""
    for workflow in (run.workflow, *run.workflow.subprocesses.values()):
        if run.home_of(workflow).instance_id != instance_id:
            continue
        for task in list(workflow.tasks.values()):
            spec = task.task_spec
            is_here = task.has_state(_LIVE) or str(task.id) in run.stops
            if spec.bpmn_id != element or not is_here or isinstance(spec, _FIXED):
                continue
            if not isinstance(task.parent.task_spec, LoopTask):
                yield task


def _pass(run: Run, task: Task) -> None:
    """It ends, and what comes behind it begins as if it had been done."""
    spec, before = task.task_spec, task.parent
    following = [one for one in spec.outputs if one.bpmn_id]
    if len(following) > 1 and isinstance(spec, EventBasedGateway | ExclusiveGateway | InclusiveGateway):
        raise CannotMove(f"{spec.bpmn_id!r} has several ways out; say before which element to go on")
    if not following and not any(isinstance(one, _EndJoin) for one in spec.outputs):
        raise CannotMove(f"nothing comes behind {spec.bpmn_id!r}")
    passed = before._add_child(spec, TaskState.FUTURE)
    passed._set_state(TaskState.COMPLETED)
    run.cancel(task)
    passed._sync_children(spec.outputs, TaskState.FUTURE)
    for child in passed.children:
        child.task_spec._update(child)


def _put_before(run: Run, task: Task, entry: Any) -> None:
    before = task.parent
    if isinstance(before.task_spec, BoundaryEventSplit):
        for event in before.children:
            if isinstance(event.task_spec, BoundaryEvent) and event.state == TaskState.WAITING:
                event.cancel()
        before = before.parent
    begun = before._add_child(entry, TaskState.FUTURE)
    run.cancel(task)
    begun.task_spec._update(begun)


def _compensates(spec: Any) -> bool:
    """Whether it is beside the flow: the start knows nothing of it."""
    return any(isinstance(one, BpmnStartTask) and spec not in one.outputs for one in spec.inputs)


def _entry(workflow: Workflow, element: str) -> Any:
    """Where a token begins to be at an element, which is before the events on its boundary."""
    spec = workflow.spec.task_specs.get(element)
    if spec is None:
        raise CannotMove(f"there is no {element!r} in the (sub)process of the element to move from")
    if _compensates(spec):
        raise CannotMove(f"{element!r} compensates, and begins where that is thrown")
    if isinstance(spec, _FIXED):
        raise CannotMove(f"{element!r} begins by an event; move to an element behind it")
    if isinstance(spec, UnstructuredJoin) and len(spec.inputs) > 1:
        raise CannotMove(f"{element!r} waits for several tokens; move to an element before or behind it")
    return next((one for one in spec.inputs if isinstance(one, BoundaryEventSplit)), spec)
