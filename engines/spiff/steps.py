"""One step of an instance: run to the next wait states, then say what ended and what is new, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException
from SpiffWorkflow.util.task import TaskState

from domain.aggregates.process_instance import InstanceState, MoveInstance
from domain.aggregates.process_variable import RemoveVariable, SetVariable, variable_id, variable_of
from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask, UserTask
from domain.errors import AlreadyCompleted, ExecutionFailed, TaskNotFound
from domain.identity import Key
from domain.personal import Personal, blanked
from domain.values import iso
from engines.collecting import Collecting
from engines.expressions.evaluate import ExpressionFailed
from engines.protocol import Collect
from engines.spiff import state
from engines.spiff.event_subprocesses import settle
from engines.spiff.history import prune
from engines.spiff.human import user_task
from engines.spiff.run import Run, Task, Workflow

MAX_STEPS = 10_000
PRUNED_EVERY = 100
"""Steps after which history is forgotten: SpiffWorkflow does not find tasks that are deeper in its tree than 1000."""
CIRCLES = "the process has gone round in circles too often"
_LOST = (SpiffWorkflowException, RecursionError, KeyError, AttributeError, TypeError, ValueError, IndexError)


class Step:
    """What one call does to one instance; said to the collector only when all of it went well."""

    def __init__(self, application: str, run: Run, collecting: Collecting) -> None:
        self._application = application
        self._run = run
        self._collecting = collecting
        # What a new instance is started with, it did not have before.
        self._before = {} if run.workflow is None else dict(run.variables)
        self._done: str | None = None
        self._steps = self._pruned = 0
        self.said: list[tuple[Key, Any]] = []
        self._element: str | None = None
        self.begins: Callable[[str], None] = lambda _element: None

    def say(self, key: Key, command: Any) -> None:
        """Remember a command for the collector."""
        self.said.append((key, command))

    def complete(self, task: Task) -> None:
        """Complete a task that is ready."""
        self._done = str(task.id)
        self._at(task)
        task.run()

    def advance(self) -> None:
        """Run until only people, timers and messages are waited for; the ended is told before the new."""
        run = self._run
        while self._run_on() or settle(run):
            self._count()
        run.workflow.get_events()
        self._say_ended(None)
        self._say_changed()
        self._say_created()
        self._say_variables(ended=run.workflow.is_completed())
        if run.workflow.is_completed():
            self._finish("FINISHED", None)
        else:
            prune(run)

    def cancel(self, reason: str | None) -> None:
        """Everything that is open ends with the instance."""
        self._say_ended(reason)
        self._say_variables(ended=True)
        self._finish("CANCELLED", reason)

    def _run_on(self) -> bool:
        """Make the steps that wait for nobody; whether there are more, which timers that are due can cause."""
        workflow = self._run.workflow
        while sum(self._run_ready(inner) for inner in (*_deepest_first(workflow), workflow)):
            pass
        workflow.refresh_timers()
        return any(_is_automatic(task) for task in _tasks(self._run))

    def _run_ready(self, workflow: Workflow) -> int:
        """Run what is ready in one workflow, and what that makes ready; how many tasks were run."""
        before = self._steps
        while ready := [task for task in workflow.get_tasks(state=TaskState.READY) if _is_automatic(task)]:
            for task in ready:
                if task.state == TaskState.READY:
                    self._at(task)
                    task.run()
                    self._count()
            if self._steps - self._pruned > PRUNED_EVERY:
                self._pruned = self._steps
                prune(self._run)
        if workflow.parent_task_id is not None and (owner := _find(self._run, str(workflow.parent_task_id))):
            owner.task_spec._update(owner)  # noqa: SLF001 - how SpiffWorkflow hears that a sub-process has ended
        return self._steps - before

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ExecutionFailed(CIRCLES)

    @property
    def place(self) -> dict[str, object]:
        """The instance, and the element that ran last."""
        return {"instance": self._run.stored.instance_id, "element": self._element}

    def _at(self, task: Task) -> None:
        self._element = task.task_spec.bpmn_id or task.task_spec.name
        self.begins(self._element)

    def _say_ended(self, reason: str | None) -> None:
        run, time = self._run, iso(self._run.now)
        still = [task_id for task_id in run.open if _is_ready(run, task_id)]
        for task_id in run.open:
            if task_id == self._done:
                self.say(self._key(task_id), CompleteTask(time=time))
            elif task_id not in still:
                self.say(self._key(task_id), DeleteTask(reason, time))
        run.open = still

    def _say_changed(self) -> None:
        """What variables that changed mean for tasks that still wait."""
        run = self._run
        if run.variables == self._before:
            return
        for task_id in run.open:
            if task := _find(run, task_id):
                fresh, after = user_task(self._application, run, task), run.visible(task)
                local = {name: value for name, value in after.items() if name not in run.variables}
                before = {**self._before, **local}
                for command in self._collecting.changed(fresh, before, after):
                    self.say(self._key(task_id), command)

    def _say_variables(self, *, ended: bool) -> None:
        """Those that are mirrored, where they changed; at the end of the instance all of them end."""
        run, instance_id = self._run, self._run.stored.instance_id
        process = run.process.definition.key
        for name in sorted(run.variables.keys() | self._before.keys()):
            if not self._collecting.is_mirrored(process, name):
                continue
            key = Key(self._application, "process_variable", variable_id(instance_id, name))
            if name in run.variables and (name not in self._before or run.variables[name] != self._before[name]):
                said = variable_of(self._application, instance_id, name, run.variables[name])
                value = self._collecting.mirrored(process, instance_id, name, run.variables)
                self.say(key, SetVariable(replace(said, value=value)))
            if ended or name not in run.variables:
                self.say(key, RemoveVariable(iso(run.now)))

    def announce(self) -> None:
        """Every task that waits, as it would be made now."""
        for task_id in self._run.open:
            if _is_ready(self._run, task_id):
                self._say_new(_find(self._run, task_id))

    def _say_created(self) -> None:
        run = self._run
        for task in run.ready:
            # made and cancelled within one step: nobody has ever seen it
            if task.state == TaskState.READY and str(task.id) not in run.open:
                self._say_new(task)
                run.open.append(str(task.id))
        run.ready.clear()

    def _say_new(self, task: Task) -> None:
        said = user_task(self._application, self._run, task)
        if rules := self._collecting.personal_of(said.process_definition_key):
            blank, owners = self._blank(task, rules)
            said = self._collecting.with_texts_sealed(said, blank, owners)
        made = self._collecting.collected(said, self._run.visible(task))
        self.say(self._key(str(task.id)), CreateTask(made))

    def _blank(self, task: Task, rules: Sequence[Personal]) -> tuple[UserTask, set[str]]:
        """What the model would say of a task without what is personal, and whom that is about."""
        run = self._run
        variables, owners = blanked(run.variables, rules)
        local = {}
        for name, kept in run.local.items():
            data, more = blanked({**run.variables, **kept}, rules)
            local[name] = {key: data[key] for key in kept}
            owners |= more
        left = replace(run, variables=dict(variables), local=local)
        return user_task(self._application, left, task, quiet=True), owners

    def _finish(self, to: InstanceState, reason: str | None) -> None:
        key = Key(self._application, "process_instance", self._run.stored.instance_id)
        self.say(key, MoveInstance(to, iso(self._run.now), reason))
        state.finish(self._run)

    def _key(self, task_id: str) -> Key:
        return Key(self._application, "task", task_id)


@contextmanager
def taken(step: Step, run: Run, collect: Collect, keep: Callable[[Run], None]) -> Iterator[Step]:
    """A step that happens whole or not at all; the engine's own errors become `ExecutionFailed`."""
    try:
        yield step
    except WorkflowException as error:
        if "No conditions satisfied" in str(error):
            reason = f"{_reason(error)}: no outgoing flow can be taken with these variables"
            raise ExpressionFailed(reason, **step.place) from error
        raise ExecutionFailed(_reason(error), **step.place) from error
    except _LOST as error:
        raise ExecutionFailed(_reason(error), **step.place) from error
    except (ExecutionFailed, ExpressionFailed) as error:
        error.facts = {**step.place, **error.facts}
        raise
    run.changed = True
    keep(run)
    for key, command in step.said:
        collect(key, command)


def ready_task(run: Run, task_id: str) -> Task:
    """The task if it can be completed now; raises `AlreadyCompleted` or `TaskNotFound`."""
    if run.stored.finished:
        raise AlreadyCompleted
    task = _find(run, task_id)
    if task is None:
        # Ended tasks are forgotten; an id that was never one of ours cannot be told from them.
        raise AlreadyCompleted if _is_id(task_id) else TaskNotFound
    if task.state != TaskState.READY or task_id not in run.open:
        raise AlreadyCompleted
    return task


def _deepest_first(workflow: Workflow) -> list[Workflow]:
    return sorted(workflow.get_active_subprocesses(), key=lambda inner: -inner.depth)


def _is_automatic(task: Task) -> bool:
    return task.state == TaskState.READY and not task.task_spec.manual


def _tasks(run: Run) -> Iterator[Task]:
    for workflow in (run.workflow, *run.workflow.subprocesses.values()):
        yield from workflow.tasks.values()


def _is_ready(run: Run, task_id: str) -> bool:
    task = _find(run, task_id)
    return task is not None and task.state == TaskState.READY


def _find(run: Run, task_id: str) -> Task:
    try:
        return run.workflow.get_task_from_id(UUID(task_id))
    except (SpiffWorkflowException, ValueError):
        return None


def _is_id(task_id: str) -> bool:
    try:
        UUID(task_id)
    except ValueError:
        return False
    return True


def _reason(error: Exception) -> str:
    spec = getattr(error, "task_spec", None)
    name = getattr(spec, "bpmn_id", None) or getattr(spec, "name", None)
    where = f"{name}: " if name else ""
    return f"{where}{_said(error)}"


def _said(error: Exception) -> str:
    try:
        return str(error).strip().rstrip(".") if isinstance(error, SpiffWorkflowException) else repr(error)
    except Exception:  # noqa: BLE001 - SpiffWorkflow's errors, and those of services, may fail in saying what they are
        return type(error).__name__
