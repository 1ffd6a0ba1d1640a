"""Listeners: what a model does at an event of an element, and of a user task while that waits.

Before an element is made, and when it is completed, a listener that fails stops the instance there. While a task
waits, and when it is gone, one that fails is set aside by itself: whoever claims, assigns or cancels is not told.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from SpiffWorkflow.util.task import TaskState

from domain.aggregates.task import UserTask
from domain.errors import BpmnError, ExecutionFailed
from domain.values import iso, parse_time
from engines.expressions.moments import moment
from engines.spiff import cycles
from engines.spiff.context import SAID, said_of
from engines.spiff.events import raise_or_stop
from engines.spiff.feel import value_of
from engines.spiff.human import user_task
from engines.spiff.run import Run, Task, Workflow
from engines.spiff.script import run_script
from engines.spiff.services import notify
from engines.spiff.stops import FAULTS, LISTENER, border

log = logging.getLogger(__name__)

Listener = Mapping[str, Any]
KNOWN = ("assignee", "owner", "priority", "due_date", "follow_up_date")
"""What the listeners of a user task are told of it as it is now."""
GONE = "gone"
"""Mark of what has ended without being done, and whose listeners have been told."""
_LAST = ("delete", "end")
_TIMEOUTS = "timeouts"
"""Where a task keeps when its timeout listeners are due."""


def listen(run: Run, task: Task, listeners: Sequence[Listener], event: str) -> None:
    """Run those of one event, in order; raises what they fail with."""
    for listener in listeners:
        if listener.get("event") == event:
            _act(run, task, listener)


def created(run: Run, task: Task) -> None:
    """A user task is made: its listeners of that, then of its assignment where it is somebody's; raises."""
    listeners = _own(task)
    if not listeners:
        return
    know(task, user_task("", run, task, quiet=True))
    listen(run, task, listeners, "create")
    if task.internal_data[SAID]["assignee"] is not None:
        listen(run, task, listeners, "assignment")
    timeouts = {str(number): _first(run, task, one) for number, one in enumerate(listeners) if "timer" in one}
    if timeouts:
        task.internal_data[_TIMEOUTS] = timeouts


def completed(run: Run, task: Task) -> None:
    """A user task is done; raises what a listener fails with."""
    listen(run, task, _own(task), "complete")


def know(task: Task, now: UserTask | Mapping[str, Any]) -> None:
    """Keep what a task with listeners is now, for what they ask of it; what is not said stays."""
    if _own(task):
        found = now if isinstance(now, Mapping) else {name: getattr(now, name) for name in KNOWN}
        said = {name: value for name, value in found.items() if name in KNOWN}
        task.internal_data[SAID] = {**task.internal_data.get(SAID, {}), **said}


def tell(run: Run, task: Task, event: str) -> None:
    """Something has happened to an element that waits, or has waited."""
    for number, listener in enumerate(_of(task)):
        if listener.get("event") == event:
            _try(run, task, number)


def tell_gone(run: Run, task: Task) -> None:
    """An element has ended without being done."""
    if not task.internal_data.get(GONE):
        task.internal_data[GONE] = True
        tell(run, task, "end")
        tell(run, task, "delete")


def process_ended(run: Run, task: Task) -> None:
    """The process that a task is the end of has ended; raises what a listener fails with."""
    listen(run, task, _of_process(task.workflow), "end")


def process_cancelled(run: Run, workflow: Workflow) -> None:
    """A process has ended before its end: there is nothing left that could be tried again."""
    task = workflow.task_tree
    for listener in _of_process(workflow):
        undo = run.restorer(task)
        try:
            listen(run, task, [listener], "end")
        except (BpmnError, *FAULTS) as error:
            undo()
            place = {"instance_id": run.home(task).instance_id, "reason": type(error).__name__}
            log.warning("listener_failed", extra=place)


def again(run: Run, name: str) -> None:
    """Try again a listener that was set aside, unless its task is gone."""
    task_id, _, number = name.partition(LISTENER)
    task = run.find(task_id)
    if task is not None and int(number) < len(_of(task)):
        _try(run, task, int(number))


def fire_timeouts(run: Run) -> None:
    """Run the timeout listeners that are due, each once."""
    due = [
        (task, number)
        for task in _waiting(run)
        for number, value in task.internal_data.get(_TIMEOUTS, {}).items()
        if parse_time(value["next"]) <= run.now
    ]
    for task, number in due:
        timeouts = task.internal_data[_TIMEOUTS]
        after = cycles.following(timeouts[number], run.now) if "duration" in timeouts[number] else None
        task.internal_data[_TIMEOUTS] = {
            name: after if name == number else value for name, value in timeouts.items() if name != number or after
        }
        if int(number) < len(_of(task)):
            _try(run, task, int(number))


def timeouts(run: Run) -> Iterator[str]:
    """When timeout listeners are due."""
    for task in _waiting(run):
        for value in task.internal_data.get(_TIMEOUTS, {}).values():
            yield value["next"]


def is_over(run: Run, name: str) -> bool:
    """Whether nobody need look at a listener that was set aside any more."""
    task_id, _, number = name.partition(LISTENER)
    task = run.find(task_id)
    if task is not None and int(number) < len(_of(task)) and _of(task)[int(number)].get("event") in _LAST:
        return False
    return task is None or task.has_state(TaskState.FINISHED_MASK)


def _try(run: Run, task: Task, number: int) -> None:
    """Run one while nobody waits for it; what fails changes nothing, and is set aside."""
    name, element = f"{task.id}{LISTENER}{number}", task.task_spec.bpmn_id
    if run.stored.suspended:
        run.stops[name] = border(element, run.home(task).instance_id, run.now)
        return
    undo = run.restorer(task)
    try:
        _act(run, task, _of(task)[number])
    except BpmnError as error:
        undo()
        if task.has_state(TaskState.FINISHED_MASK):
            run.stop(task, ExecutionFailed(f"the BPMN error {error.code!r} of what has ended comes too late"), name)
        else:
            raise_or_stop(run, task, error, name)
    except FAULTS as error:
        undo()
        run.stop(task, error, name)
    else:
        run.lifted.pop(name, None)
        run.stops.pop(name, None)


def _act(run: Run, task: Task, listener: Listener) -> None:
    run.event = "take" if said_of(task).get("takenFrom") else listener["event"]
    try:
        if "script" in listener:
            run_script(run, task, listener.get("format"), listener["script"], {})
        else:
            notify(run, task, listener)
    finally:
        run.event = None


def _first(run: Run, task: Task, listener: Listener) -> dict[str, Any]:
    """When it is due first; raises `ExecutionFailed`."""
    (kind, text), *_ = listener["timer"].items()
    said = value_of((text or "").strip(), run.scope(task), run.now)
    try:
        return cycles.begin(str(said), run.now) if kind == "timeCycle" else {"next": iso(moment(said, run.now))}
    except ValueError as error:
        raise ExecutionFailed(f"{task.task_spec.bpmn_id}: unreadable timer of a listener: {error}") from error


def _own(task: Task) -> Sequence[Listener]:
    """Those of a user task."""
    found: Sequence[Listener] = said_of(task).get("taskListeners") or ()
    return found


def _of(task: Task) -> Sequence[Listener]:
    """Those of a user task and then those of any element, which hear of other events."""
    return *_own(task), *(said_of(task).get("listeners") or ())


def _of_process(workflow: Workflow) -> Sequence[Listener]:
    said = (getattr(one, "extensions", None) or {} for one in workflow.spec.bpmn_start_events)
    return next((one["processListeners"] for one in said if one.get("processListeners")), ())


def _waiting(run: Run) -> Iterator[Task]:
    """User tasks that are open."""
    for task_id in run.open:
        task = run.find(task_id)
        if task is not None and task.state == TaskState.READY:
            yield task
