"""Event sub-processes wait beside the main flow and end with it; what an event has begun may begin again."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EndEvent, EventSubprocess
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.util.task import TaskState

from engines.spiff import cycles
from engines.spiff.conditions import SEEN
from engines.spiff.run import Run, Task, Workflow
from engines.spiff.timers import EveryCycle

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored

_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_AGAIN = "again"
"""Mark of an event sub-process that has begun, and that another waits in place of."""


def reconnect(workflow: Workflow) -> None:
    """Wire what an event has started into a specification that was read anew, as SpiffWorkflow did when it happened."""
    spec = workflow.spec
    started = {task.task_spec.name for task in workflow.tasks.values() if isinstance(task.task_spec, EventSubprocess)}
    for name in started.intersection(spec.start.trigger_specs):
        if spec.start not in spec.task_specs[name].inputs:
            spec.start.connect(spec.task_specs[name])
            spec.task_specs[name].connect(spec.end)


def fired(run: Run, event: Task) -> None:
    """An event has fired: what it interrupts ends, and what does not interrupt waits for the next time."""
    outer = event.workflow.parent_task_id
    owner = None if outer is None else run.workflow.get_task_from_id(outer)
    is_beside = owner is not None and isinstance(owner.task_spec, EventSubprocess)
    if is_beside and event.task_spec in event.workflow.spec.bpmn_start_events:
        _begin(run, owner, event)
    else:
        _wait_again(run, event)


def _begin(run: Run, event: Task, start: Task) -> None:
    if start.task_spec.extensions.get("interrupting", True):
        for task in _beside(event):
            run.cancel(task)
    else:
        _begin_again(run, event, start)


def _beside(event: Task) -> list[Task]:
    """What goes on beside an event sub-process."""
    tasks = event.workflow.tasks.values()
    return [task for task in tasks if task.has_state(_LIVE) and not _is_end(task) and task is not event]


def _wait_again(run: Run, event: Task) -> None:
    """A boundary event that does not interrupt waits again, as long as there is a next time; of others one fires."""
    if not isinstance(event.task_spec, BoundaryEvent):
        return
    if event.task_spec.cancel_activity:
        for other in event.parent.children:
            if isinstance(other.task_spec, BoundaryEvent) and other.state == TaskState.READY:
                other.cancel()
        return
    split, value = event.parent, _next_round(run, event)
    if value is False:
        return
    if not any(_is_live(task) for task in split.children if not isinstance(task.task_spec, BoundaryEvent)):
        return
    again = split._add_child(event.task_spec, TaskState.WAITING)
    again.internal_data["event_value"] = value
    _go_on_from(event, again)
    again.task_spec._update(again)


def settle(run: Run) -> bool:
    """Do what the engine does not by itself; whether anything changed."""
    tasks = [run.find(str(task_id)) for task_id in run.workflow.subprocesses]
    settled = [_settle(run, task) for task in tasks if task and isinstance(task.task_spec, EventSubprocess)]
    return any(settled)


def _settle(run: Run, event: Task) -> bool:
    if event.state != TaskState.STARTED or has_begun(run, event):
        return False
    others = _beside(event)
    if any(not isinstance(task.task_spec, EventSubprocess) or has_begun(run, task) for task in others):
        return False
    run.cancel(event)
    _look_again(event.workflow)
    return True


def _begin_again(run: Run, event: Task, begin: Task) -> None:
    """Another one waits in place of one that has begun, in models that were compiled to do so."""
    value = _next_round(run, begin)
    is_wired = event.task_spec.name not in event.workflow.spec.start.trigger_specs
    if event.internal_data.get(_AGAIN) or value is False or not is_wired:
        return
    event.internal_data[_AGAIN] = True
    again = event.parent._add_child(event.task_spec, TaskState.FUTURE)
    _go_on_from(begin, again)
    again.task_spec._update(again)
    inner = run.workflow.subprocesses.get(again.id)
    if value is not None and inner is not None:
        for task in inner.tasks.values():
            if task.task_spec in inner.spec.bpmn_start_events:
                task.internal_data["event_value"] = value


def _go_on_from(event: Task, again: Task) -> None:
    """What a condition was last asked about is known to the one that waits in its place."""
    if SEEN in event.internal_data:
        again.internal_data[SEEN] = event.internal_data[SEEN]


def _next_round(run: Run, event: Task) -> Any:
    """What a repeating timer waits for next, None where anything may come again, False where nothing does."""
    definition, value = event.task_spec.event_definition, event.internal_data.get("event_value")
    if isinstance(definition, EveryCycle) and value is not None:
        return cycles.following(value, run.now) or False
    return False if value is not None else None


def has_begun(run: Run, event: Task) -> bool:
    """Whether the event of an event sub-process has happened."""
    inner = run.workflow.subprocesses.get(event.id)
    if inner is None:
        return False
    starts = inner.spec.bpmn_start_events
    return any(task.task_spec in starts and task.state == TaskState.COMPLETED for task in inner.tasks.values())


def _is_live(task: Task) -> bool:
    return not task.has_state(TaskState.FINISHED_MASK)


def ends(task: Task) -> bool:
    """Whether a (sub)process ends with this: after all of its end events, or at one that terminates it."""
    event = getattr(task.task_spec, "event_definition", None)
    return _is_end(task) or (isinstance(event, TerminateEventDefinition) and isinstance(task.task_spec, EndEvent))


def _is_end(task: Task) -> bool:
    return bool(task.task_spec.name == task.workflow.spec.end.name)


def _look_again(workflow: Workflow) -> None:
    for task in list(workflow.tasks.values()):
        if _is_end(task) and task.state == TaskState.WAITING:
            task.task_spec._update(task)  # how SpiffWorkflow re-examines a join
