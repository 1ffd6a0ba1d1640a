"""Event sub-processes that wait beside the main flow: they end with it, and interrupt it when they should."""

from __future__ import annotations

from SpiffWorkflow.bpmn.specs.defaults import EventSubprocess
from SpiffWorkflow.util.task import TaskState

from engines.spiff.run import Run, Task, Workflow

_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def reconnect(workflow: Workflow) -> None:
    """Wire what an event has started into a specification that was read anew, as SpiffWorkflow did when it happened."""
    spec = workflow.spec
    started = {task.task_spec.name for task in workflow.tasks.values() if isinstance(task.task_spec, EventSubprocess)}
    for name in started.intersection(spec.start.trigger_specs):
        if spec.start not in spec.task_specs[name].inputs:
            spec.start.connect(spec.task_specs[name])
            spec.task_specs[name].connect(spec.end)


def settle(run: Run) -> bool:
    """Do what the engine does not by itself; whether anything changed."""
    tasks = [run.workflow.get_task_from_id(task_id) for task_id in run.workflow.subprocesses]
    settled = [_settle(run, task) for task in tasks if isinstance(task.task_spec, EventSubprocess)]
    return any(settled)


def _settle(run: Run, event: Task) -> bool:
    if event.state != TaskState.STARTED:
        return False
    inner, outer = run.workflow.subprocesses[event.id], event.workflow
    begin = next(task for task in inner.tasks.values() if task.task_spec in inner.spec.bpmn_start_events)
    beside = [
        task for task in outer.tasks.values() if task.has_state(_LIVE) and not _is_end(task) and task is not event
    ]
    if begin.state == TaskState.COMPLETED:
        interrupting = begin.task_spec.extensions.get("interrupting", True)
        return bool(interrupting and [_cancel(run, task) for task in beside if task.state != TaskState.CANCELLED])
    if [task for task in beside if not isinstance(task.task_spec, EventSubprocess)]:
        return False
    _cancel(run, event)
    _look_again(outer)
    return True


def _is_end(task: Task) -> bool:
    return bool(task.task_spec.name == task.workflow.spec.end.name)


def _cancel(run: Run, task: Task) -> bool:
    subprocess = run.workflow.subprocesses.get(task.id)
    task.cancel()
    if subprocess is not None:
        run.workflow.cancel(subprocess)
    return True


def _look_again(workflow: Workflow) -> None:
    for task in list(workflow.tasks.values()):
        if _is_end(task) and task.state == TaskState.WAITING:
            task.task_spec._update(task)  # noqa: SLF001 - how SpiffWorkflow re-examines a join
