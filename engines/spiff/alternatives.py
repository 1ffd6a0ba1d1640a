"""The event-based gateway: each of its events waits by itself, and the first that comes says how it goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.util.task import TaskState

from engines.spiff.conditions import Condition
from engines.spiff.run import Task

# ruff: noqa: SLF001 - SpiffWorkflow's extension points are underscored

_CHOSEN, _EACH = "chosen", "each"
WHEN = "event_value"
"""Where a task keeps when its timer is due."""


class EventBasedGateway(defaults.EventBasedGateway):  # type: ignore[misc]
    """Waits for the first of the events behind it."""

    def _update_hook(self, my_task: Task) -> bool | None:
        BpmnTaskSpec._update_hook(self, my_task)
        if _CHOSEN not in my_task.internal_data:
            self._ask(my_task)
        if _CHOSEN in my_task.internal_data:
            return True
        my_task._set_state(TaskState.WAITING)
        my_task.workflow.top_workflow.event_manager.add_task(my_task)
        return None

    def catch(self, my_task: Task, event: Any) -> None:
        """Note which of its events has come."""
        found = (at for at, one in enumerate(self.event_definition.event_definitions) if one.catches(my_task, event))
        my_task.internal_data[_CHOSEN] = next(found)
        my_task._set_state(TaskState.WAITING)

    def _run_hook(self, my_task: Task) -> bool:
        chosen = my_task.internal_data.pop(_CHOSEN)
        my_task.internal_data.pop(_EACH, None)
        my_task._sync_children([self.outputs[chosen]], TaskState.FUTURE)
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
        return True

    def _ask(self, my_task: Task) -> None:
        """What comes with time or with a change of variables is asked, each with what it keeps itself."""
        due = []
        for at, definition in enumerate(self.event_definition.event_definitions):
            if not isinstance(definition, TimerEventDefinition | Condition):
                continue
            with _own(my_task, at) as kept:
                if definition.has_fired(my_task):
                    due.append((_next(kept) or "", at))
        if due:
            my_task.internal_data[_CHOSEN] = min(due)[1]


def earliest(task: Task) -> str | None:
    """When the first of a task's timers is due."""
    several = task.internal_data.get(_EACH, {"": task.internal_data}).values()
    return min((due for kept in several if (due := _next(kept)) is not None), default=None)


def _next(kept: Mapping[str, Any]) -> str | None:
    value = kept.get(WHEN)
    if isinstance(value, Mapping):
        return value["next"] if value["cycles"] != 0 else None
    return value if isinstance(value, str) else None


@contextmanager
def _own(my_task: Task, at: int) -> Iterator[dict[str, Any]]:
    """Definitions keep what they know at their task: here each of several has a place of its own."""
    shared = my_task.internal_data
    # What an older program has saved belongs to the first that is asked.
    before = {WHEN: shared[WHEN]} if WHEN in shared and _EACH not in shared else {}
    kept: dict[str, Any] = shared.setdefault(_EACH, {}).setdefault(str(at), before)
    my_task.internal_data = kept
    try:
        yield kept
    finally:
        my_task.internal_data = shared
