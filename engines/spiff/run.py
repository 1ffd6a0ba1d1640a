"""One saved process instance in memory: its workflow, its variables, and the processes it has called."""

from __future__ import annotations

import json
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.util.task import TaskState

from domain.aggregates.process_definition import ProcessDefinition
from domain.engine_job import JobKind
from domain.errors import InvalidValue, InvalidVariables
from domain.values import check
from engines.protocol import Services, StoredInstance, Wait
from engines.spiff.completed import Completed
from engines.spiff.context import delegate_task, execution, said_of
from engines.spiff.retries import retries_of
from engines.spiff.stops import Stop, failed

Task: TypeAlias = Any  # SpiffWorkflow has no types
Workflow: TypeAlias = Any
MOST_DATA = 800_000
"""How large the variables of an instance may be: what is saved of it, and told of a task of it, is not much larger."""
_SMALL, _FEW = 10_000, 1_000


@dataclass(frozen=True, slots=True)
class Process:
    """A definition ready to run; its specifications are shared by all instances and only read."""

    definition: ProcessDefinition
    spec: Any
    used: Mapping[str, Any]


@dataclass(slots=True)
class Home:
    """A process instance as its elements see it: the saved one, or one that a call activity has started within it."""

    instance_id: str
    process: Process
    business_key: str | None
    variables: dict[str, Any]
    caller: str | None = None
    """The instance that has called it."""


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message or signal that leaves its instance; `target` is an instance, None is whoever waits."""

    kind: str
    name: str
    variables: Mapping[str, Any]
    business_key: str | None = None


@dataclass(slots=True)
class Run:
    """Variables belong to an instance, not to its tasks.

    `local` holds what only one branch may see, by task id; `calls` are called processes by the task that called them.
    `open` are the user tasks announced and not yet ended; `ready` those that became ready in this step; `stops` say
    where it has stopped, by task id, and `lifted` where it tries again.
    """

    stored: StoredInstance
    root: Home
    services: Services
    now: datetime
    tenant: str | None = None
    """Whose it is, with all that it calls and all its tasks, from its start to its end."""
    workflow: Workflow = None
    local: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: dict[str, Home] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    """Processes of other deployments by key, as instances saved by older programs share their variables with them."""
    open: list[str] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)
    """Those of them that were not told of, as their process is left out."""
    ready: list[Task] = field(default_factory=list)
    stops: dict[str, Stop] = field(default_factory=dict)
    lifted: dict[str, Stop] = field(default_factory=dict)
    thrown: list[Thrown] = field(default_factory=list)
    begun: list[Home] = field(default_factory=list)
    """Instances that calls have started since it was read, and `ended` those that have ended."""
    ended: list[Home] = field(default_factory=list)
    jobs: dict[str, tuple[JobKind, str]] = field(default_factory=dict)
    """Kind and topic of what others do for an element, by task id, which is the job's id, too."""
    completed: dict[str, list[Completed]] = field(default_factory=dict)
    """What has completed in a scope and can be compensated, by the task the scope is within, or the tree's root."""
    undoing: dict[str, list[Completed]] = field(default_factory=dict)
    """What is still to be compensated, by the task that waits for it."""
    start: str | None = None
    """The start event a new instance begins at; None is the plain one."""
    rounds: int = 0
    """How many units of work, one after the other, have ended because so much had run."""
    changed: bool = False
    event: str | None = None
    """What the listener that runs now hears of."""
    waited: frozenset[Wait] = frozenset()
    """What it waited for, its incidents and its jobs as they are saved."""
    incidents: dict[str, Stop] = field(default_factory=dict)
    jobbed: frozenset[str] = frozenset()

    @property
    def process(self) -> Process:
        """The process of the saved instance."""
        return self.root.process

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the saved instance."""
        return self.root.variables

    def stop(self, task: Task, error: Exception, name: str | None = None) -> None:
        """An element has failed: the instance waits before it; or only something of this name beside it."""
        name, home = name or str(task.id), self.home(task)
        element = task.task_spec.bpmn_id or home.process.definition.key
        retries = retries_of(said_of(task), self.scope(task), self.now)
        self.stops[name] = failed(element, home.instance_id, error, self.lifted.get(name), self.now, retries)

    def restorer(self, task: Task) -> Callable[[], None]:
        """What brings variables, jobs, calls, what is thrown and the marks of a task back to where they are now."""
        home, marks = self.home(task), deepcopy(task.internal_data)
        variables, jobs, calls = dict(home.variables), dict(self.jobs), dict(self.calls)
        local = self.local | {name: dict(self.local[name]) for name in self.holders(task)}
        begun, ended, thrown = len(self.begun), len(self.ended), len(self.thrown)

        def undo() -> None:
            home.variables, self.local, self.jobs, self.calls = variables, local, jobs, calls
            del self.begun[begun:], self.ended[ended:], self.thrown[thrown:]
            task.internal_data = marks

        return undo

    def find(self, task_id: str) -> Task:
        """A task of it by its id, None where it has none of that name."""
        try:
            return self.workflow.get_task_from_id(UUID(task_id))
        except (SpiffWorkflowException, ValueError):
            return None

    def is_ready(self, task_id: str) -> bool:
        """Whether it waits for a person, or may go on."""
        task = self.find(task_id)
        return task is not None and task.state == TaskState.READY

    def cancel(self, task: Task) -> None:
        """End a task and what runs within it, of several instances of an activity all."""
        for child in task.children if isinstance(task.task_spec, LoopTask) else ():
            self.cancel(child)
        inner = self.workflow.subprocesses.get(task.id)
        task.cancel()
        if inner is not None:
            self.workflow.cancel(inner)

    def homes(self) -> Iterator[Home]:
        """The saved instance and those it has called."""
        yield self.root
        yield from self.calls.values()

    def home(self, task: Task) -> Home:
        """The instance a task belongs to."""
        return self.home_of(task.workflow)

    def home_of(self, workflow: Workflow) -> Home:
        """The instance a workflow belongs to."""
        while self.calls and workflow.parent_task_id is not None:
            if (found := self.calls.get(str(workflow.parent_task_id))) is not None:
                return found
            workflow = workflow.parent_workflow
        return self.root

    def is_process(self, workflow: Workflow) -> bool:
        """Whether a workflow is an instance, and not a part of one."""
        outer = workflow.parent_task_id
        return outer is None or str(outer) in self.calls

    def around(self, task: Task) -> str:
        """What a task is part of: the task of its sub-process, or its instance."""
        workflow = task.workflow
        return self.home(task).instance_id if self.is_process(workflow) else str(workflow.parent_task_id)

    def scope(self, task: Task) -> Mapping[str, Any]:
        """What an expression at this task may name; the innermost wins."""
        objects: dict[str, Any] = {"execution": execution(self, task)}
        if task.task_spec.manual:
            objects["task"] = delegate_task(self, task)
        return ChainMap(objects, *self.locals(task), self.home(task).variables)

    def visible(self, task: Task) -> dict[str, Any]:
        """The variables at this task as plain data."""
        variables = self.home(task).variables
        return {**variables, **ChainMap(*self.locals(task))} if self.local else dict(variables)

    def put(self, task: Task, values: Mapping[str, Any]) -> None:
        """Set variables where they are, the innermost first; new ones belong to the instance."""
        homes = [*self.locals(task), self.home(task).variables]
        fits(homes[-1], values)
        for name, value in values.items():
            holder = next((one for one in homes if name in one), homes[-1])
            holder[name] = value

    def put_local(self, task: Task, values: Mapping[str, Any]) -> None:
        """Set variables that only this task and what is within it sees."""
        self.local.setdefault(str(task.id), {}).update(values)

    def locals(self, task: Task) -> list[dict[str, Any]]:
        """What only branches of this task see, the innermost first."""
        return [self.local[name] for name in self.holders(task)]

    def holders(self, task: Task) -> list[str]:
        """The tasks that hold what only branches of this task see, by id, the innermost first."""
        found: list[str] = []
        while self.local and task is not None:
            if (name := str(task.id)) in self.local:
                found.append(name)
            if task.parent is not None:
                task = task.parent
                continue
            outer = task.workflow.parent_task_id
            task = None if outer is None or str(outer) in self.calls else self.workflow.get_task_from_id(outer)
        return found


def fits(variables: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Whether values can be added to the variables of an instance; raises `InvalidVariables` where that is too much."""
    size = len(json.dumps(values))
    if size < _SMALL and len(variables) < _FEW:
        return
    size += len(json.dumps({name: value for name, value in variables.items() if name not in values}))
    if size > MOST_DATA:
        raise InvalidVariables(f"an instance has variables of {MOST_DATA} characters as JSON at most, not {size}")


def run_of(task: Task) -> Run:
    """The run a task belongs to."""
    found: Run = task.workflow.top_workflow.run
    return found


def checked_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Variables from outside; raises `InvalidVariables`."""
    try:
        check(variables, "variables")
    except InvalidValue as error:
        raise InvalidVariables(str(error)) from error
    return dict(variables)
