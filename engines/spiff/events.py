"""Events that elements throw and wait for: errors and escalations within an instance, messages and signals beyond."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EventSubprocess
from SpiffWorkflow.bpmn.specs.event_definitions import item_aware_event, message
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from domain.errors import BpmnError, ExecutionFailed
from engines.protocol import Wait
from engines.spiff.calls import mapped
from engines.spiff.feel import value_of
from engines.spiff.run import Run, Task, Thrown, Workflow, run_of
from engines.spiff.stops import FAULTS

MESSAGE, SIGNAL = "message", "signal"

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored


class _Ours:
    """What came with an event is the run's to keep, not the task's."""

    def catch(self, my_task: Task, _event: Any = None) -> None:
        """Note that it has come."""
        my_task._set_internal_data(event_fired=True)

    def update_task_data(self, my_task: Task) -> None:
        """Variables are the run's."""


class _Named(_Ours):
    """What is found by its name, which may be an expression."""

    kind: str
    name: str

    def throw(self, my_task: Task) -> None:
        """Send it to whoever waits, in this instance or others."""
        run = run_of(my_task)
        key = run.home(my_task).business_key if self.kind == MESSAGE else None
        handed = mapped(run, my_task, my_task.task_spec.extensions.get("in", []), run.visible(my_task))
        run.thrown.append(Thrown(self.kind, _resolved(my_task, self.name) or "", handed, key))

    def catches(self, my_task: Task, event: Any) -> bool:
        """Whether a task waits for it."""
        other = event.event_definition
        return type(other) is type(self) and _resolved(my_task, self.name) == other.name


class Message(_Named, message.MessageEventDefinition):  # type: ignore[misc]
    """A message: one takes it."""

    kind = MESSAGE


class Signal(_Named, item_aware_event.SignalEventDefinition):  # type: ignore[misc]
    """A signal: all take it."""

    kind = SIGNAL


class _Coded(_Ours):
    """What goes outward to the next that catches it, by its code."""

    code: str | None

    def throw(self, my_task: Task) -> None:
        """Hand it to the next that catches it."""
        raise_code(run_of(my_task), my_task, type(self).__name__, _resolved(my_task, self.code), None, {})

    def catches(self, _my_task: Task, _event: Any) -> bool:
        """What catches is found by going outward, not by asking everybody."""
        return False


class ErrorEvent(_Coded, item_aware_event.ErrorEventDefinition):  # type: ignore[misc]
    """A BPMN error, by its code."""


class EscalationEvent(_Coded, item_aware_event.EscalationEventDefinition):  # type: ignore[misc]
    """An escalation, by its code."""


def raise_error(run: Run, task: Task, code: str, text: str | None, variables: Mapping[str, Any]) -> bool:
    """Raise a BPMN error at a task; whether anything catches it."""
    return raise_code(run, task, ErrorEvent.__name__, code, text, variables)


def raise_or_stop(run: Run, task: Task, error: BpmnError, name: str | None = None) -> None:
    """Raise a BPMN error at a task, which goes no further; where nothing catches it, it is a stop, of this name."""
    if not raise_error(run, task, error.code, error.message, error.variables):
        run.stop(task, ExecutionFailed(f"nothing catches the BPMN error {error.code!r}"), name)
    elif not task.has_state(TaskState.FINISHED_MASK):
        # An event sub-process or an outer element has caught it.
        task.cancel()


def raise_code(  # noqa: PLR0917 - what an error is made of
    run: Run, task: Task, kind: str, code: str | None, text: str | None, variables: Mapping[str, Any]
) -> bool:
    """Go outward from a task to the first that catches this error or escalation; whether there is one."""
    for catcher, host in _catchers(run, task):
        definition = catcher.task_spec.event_definition
        if type(definition).__name__ == kind and definition.code in (None, "", code):
            _keep_code(run, catcher, code, text)
            run.put(catcher, variables)
            definition.catch(catcher, BpmnEvent(definition))
            if host is not None and catcher.task_spec.cancel_activity:
                run.cancel(host)
            catcher.task_spec._update(catcher)  # how SpiffWorkflow tells a task
            return True
    return False


def catch(run: Run, kind: str, name: str, variables: Mapping[str, Any], meant: Wait | None = None) -> int:
    """Give a message or signal to the tasks that wait for it, all or those of one wait; how many there are.

    A message goes to one of them.
    """
    definition = Message(name) if kind == MESSAGE else Signal(name)
    event = BpmnEvent(definition, payload=dict(variables))
    caught = 0
    for task in list(run.workflow.event_manager.tasks.values()):
        if meant is not None and _place(run, task, kind) != (meant.instance_id, meant.business_key):
            continue
        if str(task.id) in run.stops or not task.task_spec.catches(task, event):
            continue
        run.put(task, variables)
        task.task_spec.catch(task, event)
        task.task_spec._update(task)  # how SpiffWorkflow tells a task
        caught += 1
        if kind == MESSAGE:
            break
    return caught


def look_at_conditions(run: Run) -> None:
    """Whether conditions that are waited for hold by now."""
    for task in list(run.workflow.event_manager.tasks.values()):
        if any(isinstance(one, ConditionalEventDefinition) for one in _definitions(task)):
            task.task_spec._update(task)  # how SpiffWorkflow tells a task


def waits(run: Run) -> frozenset[Wait]:
    """What the saved instance waits for."""
    found = set()
    for task in run.workflow.event_manager.tasks.values():
        for one in _definitions(task):
            if isinstance(one, Message | Signal):
                name = _resolved(task, one.name) or ""
                instance_id, key = _place(run, task, one.kind)
                found.add(Wait(run.stored.instance_id, instance_id, one.kind, name, key))
    return frozenset(found)


def _place(run: Run, task: Task, kind: str) -> tuple[str, str | None]:
    """The instance in which a task waits, and the key that finds it: its own for a message, or its instance's.

    A key of its own that cannot be told is none, which is not the fault of whoever comes here.
    """
    home, own = run.home(task), None
    if kind == MESSAGE:
        with suppress(*FAULTS):
            own = _resolved(task, (getattr(task.task_spec, "extensions", None) or {}).get("correlationKey"))
    return home.instance_id, own or home.business_key


def _definitions(task: Task) -> Iterator[Any]:
    definition = task.task_spec.event_definition
    yield from definition.event_definitions if isinstance(definition, MultipleEventDefinition) else (definition,)


def _catchers(run: Run, task: Task) -> Iterator[tuple[Task, Task | None]]:
    """Waiting events that could catch what a task raises, the nearest first, with what a boundary event sits on."""
    while task is not None:
        yield from _on_the_boundary(task)
        if task.parent is not None and isinstance(task.parent.task_spec, LoopTask):
            yield from _on_the_boundary(task.parent)
        yield from ((begin, None) for begin in _beside(run, task.workflow, task.task_spec))
        outer = task.workflow.parent_task_id
        task = None if outer is None else run.workflow.get_task_from_id(outer)


def _on_the_boundary(task: Task) -> Iterator[tuple[Task, Task]]:
    if task.parent is None or not isinstance(task.parent.task_spec, BoundaryEventSplit):
        return
    for event in task.parent.children:
        if isinstance(event.task_spec, BoundaryEvent) and event.state == TaskState.WAITING:
            yield event, task


def _beside(run: Run, workflow: Workflow, raised_in: Any) -> Iterator[Task]:
    """Starts of event sub-processes that wait beside the flow of a workflow.

    Not of the one in which it is raised: what that handles and raises again goes outward.
    """
    for event in workflow.tasks.values():
        inner = run.workflow.subprocesses.get(event.id) if isinstance(event.task_spec, EventSubprocess) else None
        if inner is not None and event.task_spec is not raised_in and not event.has_state(TaskState.FINISHED_MASK):
            starts = inner.spec.bpmn_start_events
            yield from [t for t in inner.tasks.values() if t.task_spec in starts and t.state == TaskState.WAITING]


def _keep_code(run: Run, catcher: Task, code: str | None, text: str | None) -> None:
    said = getattr(catcher.task_spec, "extensions", {})
    named = (("errorCodeVariable", code), ("errorMessageVariable", text), ("escalationCodeVariable", code))
    run.put(catcher, {said[name]: value for name, value in named if said.get(name)})


def _resolved(my_task: Task, text: str | None) -> str | None:
    if text is None or not ("{" in text or text.startswith("=")):
        return text
    run = run_of(my_task)
    found = value_of(text, run.scope(my_task), run.now)
    return None if found is None else str(found)
