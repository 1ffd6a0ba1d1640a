"""Where the tokens are, without SpiffWorkflow's look-ahead: gateways that join by arrivals, and one step of prediction.

SpiffWorkflow predicts every path to the end: 2^k tasks before k parallel diamonds, and as deep as the process is long.
Only the inclusive gateway reads that, and it asks the model instead here; all else needs a task's direct successors.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow as SpiffWorkflow

from domain.errors import BpmnError
from engines.spiff.activity import enter, is_held
from engines.spiff.events import raise_or_stop
from engines.spiff.run import Task, run_of
from engines.spiff.stops import FAULTS

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored

CONSUMED = "consumed"
"""Mark of an arrival whose gateway has fired."""
_EXPECTED = TaskState.PREDICTED_MASK | TaskState.FUTURE
_ACTING = TaskState.STARTED | TaskState.FINISHED_MASK
_TOKEN = TaskState.READY | TaskState.WAITING | TaskState.STARTED


def _predict(
    self: Any, my_task: Task, _seen: Any = None, _ahead: int = 0, mask: int = TaskState.PREDICTED_MASK
) -> None:
    """The direct successors and no more."""
    if my_task.has_state(mask):
        self._predict_hook(my_task)


def _update(self: Any, my_task: Task) -> None:
    """When its turn may have come a task gets its successors, before it runs."""
    if my_task.has_state(_EXPECTED) or (my_task.state == TaskState.WAITING and not my_task.children):
        # Boundary events are made to wait without being asked before.
        self._predict_hook(my_task)
    run = run_of(my_task)
    if str(my_task.id) in run.stops:
        return
    try:
        if _begins_now(self) and not my_task.has_state(_ACTING):
            if is_held(run, my_task):
                return
            enter(run, my_task)
        is_ready = self._update_hook(my_task)
    except BpmnError as error:
        raise_or_stop(run, my_task, error)
        return
    except FAULTS as error:
        run.stop(my_task, error)
        return
    if is_ready:
        my_task._ready()


def _begins_now(spec: Any) -> bool:
    """Whether an element begins when a token comes to it, before it has anything to run; events that begin something
    begin when they happen.
    """  # noqa: D205 - one sentence
    return isinstance(spec, SubWorkflowTask | CatchingEvent) and not isinstance(spec, BoundaryEvent | StartEvent)


def _update_waiting(self: Any) -> None:
    """What waits, without a walk through the whole tree after each task, which wide gateways make long."""
    for task in [task for task in self.tasks.values() if task._state == TaskState.WAITING]:
        if task._state == TaskState.WAITING and task.id in self.tasks:
            task.task_spec._update(task)


# Every kind of element inherits these, and SpiffWorkflow calls them by itself: there is no other seam.
TaskSpec._predict = _predict
TaskSpec._update = _update
SpiffWorkflow.update_waiting_tasks = _update_waiting


class _Join:
    """What joins by arrivals: each is a task of the gateway whose predecessor has completed."""

    name: str
    inputs: list[Any]

    def _arrived(self, my_task: Task) -> set[str]:
        found = (task for task in my_task.workflow.tasks.values() if task.task_spec is self and is_arrival(task))
        return {task.parent.task_spec.name for task in found}

    def _consume(self, my_task: Task) -> None:
        for task in my_task.workflow.tasks.values():
            if task.task_spec is self and task is not my_task and is_arrival(task):
                task.internal_data[CONSUMED] = True


class ParallelGateway(_Join, defaults.ParallelGateway):  # type: ignore[misc]
    """Fires when a token has come over every flow."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        # Counting is cheap, and a wide gateway is asked with each token.
        tasks = my_task.workflow.tasks.values()
        here = sum(task.task_spec is self and (task is my_task or not task.has_state(_EXPECTED)) for task in tasks)
        return here >= len(self.inputs) and {spec.name for spec in self.inputs} <= self._arrived(my_task)

    def _run_hook(self, my_task: Task) -> bool:
        self._consume(my_task)
        return True


class InclusiveGateway(_Join, defaults.InclusiveGateway):  # type: ignore[misc]
    """Fires when no token that is elsewhere can still come over a flow that has none.

    Source: BPMN 2.0.2, section 13.4.3: a token that can also reach a flow that has one is not waited for.
    """

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        arrived = self._arrived(my_task)
        missing = {spec.name for spec in self.inputs} - arrived
        elsewhere = {
            task.task_spec
            for task in my_task.workflow.tasks.values()
            if task.has_state(_TOKEN) and task.task_spec is not self
        }
        return not any(self._is_expected(spec, missing, arrived) for spec in elsewhere)

    def _is_expected(self, spec: Any, missing: set[str], arrived: set[str]) -> bool:
        reached = set(self._reached_from(spec))
        return bool(reached & missing) and not reached & arrived

    def _reached_from(self, spec: Any) -> Iterator[str]:
        seen, left = {spec.name}, [spec]
        while left:
            one = left.pop()
            yield one.name
            following = [after for after in one.outputs if after is not self and after.name not in seen]
            seen.update(after.name for after in following)
            left += following

    def _run_hook(self, my_task: Task) -> bool:
        self._consume(my_task)
        matches, otherwise = self._get_matching_outputs(my_task)
        if not matches and not otherwise:
            raise WorkflowException("No conditions satisfied on gateway", task_spec=self)
        my_task._sync_children(matches or otherwise, TaskState.FUTURE)
        return True


def is_arrival(task: Task) -> bool:
    """Whether a task is a token that came to its gateway and has not gone on."""
    if not isinstance(task.task_spec, _Join) or task.state == TaskState.COMPLETED or CONSUMED in task.internal_data:
        return False
    return task.parent is not None and task.parent.state == TaskState.COMPLETED


def adopt(workflow: Any) -> None:
    """Mark what was consumed in a workflow saved before arrivals were marked: all that came before the last firing."""
    fired: dict[str, float] = {}
    joins = [task for task in workflow.tasks.values() if isinstance(task.task_spec, UnstructuredJoin)]
    for task in joins:
        if task.state == TaskState.COMPLETED:
            fired[task.task_spec.name] = max(fired.get(task.task_spec.name, 0.0), task.last_state_change)
    for task in joins:
        if task.state == TaskState.CANCELLED and task.last_state_change <= fired.get(task.task_spec.name, 0.0):
            task.internal_data[CONSUMED] = True
