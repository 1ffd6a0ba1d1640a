"""One process instance in memory: its workflow and the variables that all its branches share."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from domain.aggregates.process_definition import ProcessDefinition
from engines.protocol import Services, StoredInstance

Task: TypeAlias = Any  # SpiffWorkflow has no types
Workflow: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Process:
    """A definition ready to run; its specifications are shared by all instances and only read."""

    definition: ProcessDefinition
    spec: Any
    used: Mapping[str, Any]


@dataclass(slots=True)
class Run:
    """Variables belong to the instance, not to its tasks.

    `local` holds what only one branch may see, by task id; `called` pins processes of other deployments by key.
    `open` are the user tasks announced and not yet ended; `ready` those that became ready in this step.
    """

    stored: StoredInstance
    process: Process
    services: Services
    now: datetime
    workflow: Workflow = None
    variables: dict[str, Any] = field(default_factory=dict)
    local: dict[str, dict[str, Any]] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    ready: list[Task] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    changed: bool = False

    def scope(self, task: Task) -> Mapping[str, Any]:
        """What an expression at this task may name; the innermost wins."""
        maps = [self.variables, self._execution()]
        return ChainMap(*self._locals(task), *maps) if self.local else ChainMap(*maps)

    def visible(self, task: Task) -> dict[str, Any]:
        """The variables at this task as plain data."""
        return {**self.variables, **ChainMap(*self._locals(task))} if self.local else dict(self.variables)

    def _locals(self, task: Task) -> list[dict[str, Any]]:
        found = []
        while task is not None:
            if (local := self.local.get(str(task.id))) is not None:
                found.append(local)
            outer = task.workflow.parent_task_id
            task = task.parent or (outer and self.workflow.get_task_from_id(outer))
        return found

    def _execution(self) -> dict[str, Any]:
        facts = {
            "processInstanceId": self.stored.instance_id,
            "processDefinitionId": self.stored.definition_id,
            "processBusinessKey": self.stored.business_key,
            "businessKey": self.stored.business_key,
        }
        return {"execution": facts}


def run_of(task: Task) -> Run:
    """The run a task belongs to."""
    found: Run = task.workflow.top_workflow.run
    return found
