"""Where the tasks of an instance are, remembered: SpiffWorkflow asks all that runs within, which may be thousands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.exceptions import TaskNotFoundException


class Places:
    """Stands for `BpmnWorkflow.get_task_from_id` of one workflow; raises `TaskNotFoundException` as it does."""

    def __init__(self, workflow: Any) -> None:
        self._top = workflow
        self._found: dict[UUID, Any] = {}

    def __call__(self, task_id: UUID) -> Any:
        """The task of this id."""
        known = self._found.get(task_id)
        if known is not None and self._is_within(known) and task_id in known.tasks:
            return known.tasks[task_id]
        for workflow in (self._top, *self._top.subprocesses.values()):
            if task_id in workflow.tasks:
                self._found[task_id] = workflow
                return workflow.tasks[task_id]
        raise TaskNotFoundException(f"A task with id {task_id} was not found", task_spec=None)

    def know(self, task: Any) -> None:
        """Ahead of asking for a task that is at hand."""
        self._found[task.id] = task.workflow

    def _is_within(self, workflow: Any) -> bool:
        return workflow is self._top or self._top.subprocesses.get(workflow.parent_task_id) is workflow


def know_place(task: Any) -> None:
    """Remember where a task is, before something begins within it, which asks for it."""
    task.workflow.top_workflow.get_task_from_id.know(task)


def remember_places(workflow: BpmnWorkflow) -> None:
    """Make a new workflow find its tasks at once."""
    workflow.get_task_from_id = Places(workflow)
