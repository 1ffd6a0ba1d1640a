"""One step of an instance: run to the next wait states, then say what ended and what is new, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException
from SpiffWorkflow.util.task import TaskState

from domain.aggregates.process_instance import InstanceState, MoveInstance, ProcessInstance, StartInstance
from domain.aggregates.process_variable import RemoveVariable, SetVariable, variable_id, variable_of
from domain.aggregates.task import CompleteTask, CreateTask, DeleteTask, UserTask
from domain.engine_job import EngineJob
from domain.errors import AlreadyCompleted, BpmnError, ExecutionFailed, TaskNotFound
from domain.identity import Key
from domain.personal import Personal, blanked
from domain.values import iso
from engines.collecting import Collecting
from engines.expressions import evaluate
from engines.expressions.evaluate import ExpressionFailed
from engines.protocol import Collect
from engines.spiff import state
from engines.spiff.activity import PASSED, enter, is_held, leave, listen
from engines.spiff.context import SAID, candidates_of, changes_of
from engines.spiff.event_subprocesses import settle, wait_again
from engines.spiff.events import SIGNAL, catch, look_at_conditions, raise_error
from engines.spiff.history import prune
from engines.spiff.human import user_task
from engines.spiff.run import Home, Run, Task, Thrown, Workflow
from engines.spiff.specs import look_again
from engines.spiff.stops import FAULTS, border, words

MAX_STEPS = 10_000
PRUNED_EVERY = 100
"""Steps after which history is forgotten: SpiffWorkflow does not find tasks that are deeper in its tree than 1000."""
CIRCLES = "the process has gone round in circles too often"
_LOST = (SpiffWorkflowException, RecursionError, KeyError, AttributeError, TypeError, ValueError, IndexError)
_DONE = "done"
"""Mark of a user task that a person has completed while what comes with that has failed."""
_SHOWN = "shown"
"""Mark of a user task that is ready for a person."""


class Step:
    """What one call does to one instance; said to the collector only when all of it went well."""

    def __init__(self, application: str, run: Run, collecting: Collecting) -> None:
        self._application = application
        self._run = run
        self._collecting = collecting
        # What a new instance is started with, it did not have before.
        self._before = {} if run.workflow is None else {home.instance_id: dict(home.variables) for home in run.homes()}
        self._done: str | None = None
        self._steps = self._pruned = 0
        self.said: list[tuple[Key, Any]] = []
        self._leaving: list[Thrown] = []
        self._cancelled: list[Home] = []
        self._element: str | None = None
        self.begins: Callable[[str], None] = lambda _element: None

    def say(self, key: Key, command: Any) -> None:
        """Remember a command for the collector."""
        self.said.append((key, command))

    def complete(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Complete a task that is ready. What fails behind it is not the fault of who completes it."""
        run = self._run
        self._done = str(task.id)
        task.internal_data[_DONE] = True
        run.put(task, variables)
        self._move(task)

    def job_done(self, task: Task, variables: Mapping[str, Any], local: Mapping[str, Any]) -> None:
        """Go on behind an element whose job is done."""
        run = self._run
        run.jobs.pop(str(task.id), None)
        run.put_local(task, local)
        run.put(task, variables)
        task.internal_data[_DONE] = True
        task._set_state(TaskState.READY)  # noqa: SLF001 - the library has no other way
        self._move(task)

    def job_failed(self, task: Task, error: BpmnError) -> None:
        """An element's job raises a BPMN error."""
        self._run.jobs.pop(str(task.id), None)
        self._at(task)
        self._raise(task, error)

    def lift(self, names: Iterable[str]) -> None:
        """Try again what has stopped."""
        run = self._run
        for name in list(names):
            stop = run.stops.pop(name)
            task = _find(run, name)
            if task is None or task.has_state(TaskState.FINISHED_MASK):
                continue
            run.lifted[name] = stop
            task.internal_data[PASSED] = True
            if task.state == TaskState.STARTED and isinstance(task.task_spec, LoopTask):
                look_again(task)
            elif task.state != TaskState.READY:
                task.task_spec._update(task)  # noqa: SLF001 - how SpiffWorkflow tells a task

    def advance(self, reason: str | None = None) -> None:
        """Run until only people, timers and messages are waited for; the ended is told before the new."""
        run = self._run
        if run.stored.suspended:
            self._hold()
        else:
            while self._run_on() or self._deliver() or settle(run):
                self._count()
        run.workflow.get_events()
        self._tidy()
        self._say_calls()
        self._say_ended(reason)
        self._say_changed()
        self._say_created()
        self._say_variables(ended=run.workflow.is_completed())
        self._say_calls_ended()
        if run.workflow.is_completed():
            self._finish("FINISHED", None)
        else:
            prune(run)

    def cancel(self, reason: str | None) -> None:
        """Everything that is open ends with the instance."""
        self._say_ended(reason)
        self._say_variables(ended=True)
        for home in self._run.calls.values():
            self._end(home, "CANCELLED", reason)
        self._finish("CANCELLED", reason)

    def _hold(self) -> None:
        """What would run in a suspended instance stops before it; the clock lets it go on once that is resumed."""
        run = self._run
        for task in _tasks(run):
            if self._is_automatic(task):
                element = task.task_spec.bpmn_id or task.task_spec.name
                run.stops[str(task.id)] = border(element, run.home(task).instance_id, run.now)

    def _run_on(self) -> bool:
        """Make the steps that wait for nobody; whether there are more, which timers that are due can cause."""
        workflow = self._run.workflow
        while sum(self._run_ready(inner) for inner in (*_deepest_first(workflow), workflow)):
            pass
        workflow.refresh_timers()
        look_at_conditions(self._run)
        return any(self._is_automatic(task) for task in _tasks(self._run))

    def _run_ready(self, workflow: Workflow) -> int:
        """Run what is ready in one workflow, and what that makes ready; how many tasks were run."""
        before = self._steps
        while ready := [task for task in workflow.get_tasks(state=TaskState.READY) if self._is_automatic(task)]:
            for task in ready:
                if task.state == TaskState.READY and str(task.id) not in self._run.stops:
                    self._move(task)
                    self._count()
            if self._steps - self._pruned > PRUNED_EVERY:
                self._pruned = self._steps
                prune(self._run)
        if workflow.parent_task_id is not None and (owner := _find(self._run, str(workflow.parent_task_id))):
            owner.task_spec._update(owner)  # noqa: SLF001 - how SpiffWorkflow hears that a sub-process has ended
        return self._steps - before

    def _is_automatic(self, task: Task) -> bool:
        """Whether it goes on without a person: a user task does once, to be made ready for one."""
        if task.state != TaskState.READY or str(task.id) in self._run.stops:
            return False
        return not task.task_spec.manual or _DONE in task.internal_data or _SHOWN not in task.internal_data

    def _move(self, task: Task) -> None:
        """Run one task; what fails in it stops the instance before it, and changes nothing."""
        self._at(task)
        run, name = self._run, str(task.id)
        home = run.home(task)
        kept = dict(home.variables), {key: dict(local) for key, local in run.local.items()}
        jobs = dict(run.jobs)
        try:
            if _DONE in task.internal_data or not is_held(run, task):
                self._act(task)
        except BpmnError as error:
            home.variables, run.local = kept
            self._raise(task, error)
        except FAULTS as error:
            if task.state == TaskState.COMPLETED:
                raise
            home.variables, run.local = kept
            run.jobs = jobs
            task._set_state(TaskState.READY)  # noqa: SLF001 - SpiffWorkflow has made it an error
            run.stop(task, error)
        else:
            run.lifted.pop(name, None)

    def _act(self, task: Task) -> None:
        run = self._run
        enter(run, task)
        if task.task_spec.manual and _DONE not in task.internal_data:
            task.internal_data[_SHOWN] = True
            listen(run, task, "create")
            run.ready.append(task)
            return
        if task.task_spec.manual:
            listen(run, task, "complete")
        if _DONE in task.internal_data and not task.task_spec.manual:
            result: Any = True
        else:
            result = task.task_spec._run(task)  # noqa: SLF001 - as `Task.run` does
        if result is None:
            task._set_state(TaskState.STARTED)  # noqa: SLF001
            return
        leave(run, task)
        task.complete()
        wait_again(run, task)

    def _raise(self, task: Task, error: BpmnError) -> None:
        run = self._run
        task._set_state(TaskState.READY)  # noqa: SLF001 - SpiffWorkflow has made it an error
        if not raise_error(run, task, error.code, error.message, error.variables):
            run.stop(task, ExecutionFailed(f"nothing catches the BPMN error {error.code!r}"))
            return
        if not task.has_state(TaskState.FINISHED_MASK):
            # An event sub-process or an outer element has caught it: this one goes no further.
            task.cancel()

    def _deliver(self) -> bool:
        """Messages and signals reach this instance first; what else they reach is for the engine."""
        run, left, moved = self._run, [], False
        for thrown in run.thrown:
            caught = catch(run, thrown.kind, thrown.name, thrown.variables)
            moved = moved or caught > 0
            if not caught or thrown.kind == SIGNAL:
                left.append(thrown)
        self._leaving += left
        run.thrown = []
        return moved

    def _tidy(self) -> None:
        """Forget what belongs to elements that have ended."""
        run = self._run
        for names in (run.stops, run.jobs, run.calls, run.local):
            for name in [name for name in names if _is_over(run, name)]:
                if names is run.calls:
                    self._cancelled.append(run.calls[name])
                del names[name]

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise ExecutionFailed(CIRCLES)

    @property
    def place(self) -> dict[str, object]:
        """The instance, and the element that ran last."""
        return {"instance": self._run.stored.instance_id, "element": self._element}

    @property
    def leaving(self) -> list[Thrown]:
        """Messages and signals for other instances."""
        return self._leaving

    def _at(self, task: Task) -> None:
        self._element = task.task_spec.bpmn_id or task.task_spec.name
        self.begins(self._element)

    def _say_ended(self, reason: str | None) -> None:
        run, time = self._run, iso(self._run.now)
        still = [task_id for task_id in run.open if task_id != self._done and _is_ready(run, task_id)]
        for task_id in run.open:
            if task_id == self._done:
                self.say(self._key(task_id), CompleteTask(time=time))
            elif task_id not in still:
                self.say(self._key(task_id), DeleteTask(reason, time))
        run.open = still

    def _say_changed(self) -> None:
        """What variables that changed mean for tasks that still wait."""
        run = self._run
        changed = {home.instance_id for home in run.homes() if home.variables != self._before.get(home.instance_id, {})}
        for task_id in run.open if changed else ():
            task = _find(run, task_id)
            home = task and run.home(task)
            if home is not None and home.instance_id in changed:
                fresh, after = self._user_task(run, task), run.visible(task)
                local = {name: value for name, value in after.items() if name not in home.variables}
                before = {**self._before.get(home.instance_id, {}), **local}
                for command in self._collecting.changed(fresh, before, after):
                    self.say(self._key(task_id), command)

    def _say_variables(self, *, ended: bool) -> None:
        """Those that are mirrored, where they changed; at the end of their instance all of them end."""
        for home in self._run.homes():
            self._say_variables_of(home, ended=ended)
        for home in (*self._run.ended, *self._cancelled):
            self._say_variables_of(home, ended=True)

    def _say_variables_of(self, home: Home, *, ended: bool) -> None:
        instance_id, process = home.instance_id, home.process.definition.key
        variables, past = home.variables, self._before.get(instance_id, {})
        for name in sorted(variables.keys() | past.keys()):
            if not self._collecting.is_mirrored(process, name):
                continue
            key = Key(self._application, "process_variable", variable_id(instance_id, name))
            if name in variables and (name not in past or variables[name] != past[name]):
                said = variable_of(self._application, instance_id, name, variables[name])
                value = self._collecting.mirrored(process, instance_id, name, variables)
                self.say(key, SetVariable(replace(said, value=value)))
            if ended or name not in variables:
                self.say(key, RemoveVariable(iso(self._run.now)))

    def _say_calls(self) -> None:
        for home in self._run.begun:
            self.say(self._instance(home.instance_id), started(self._application, self._run, home))

    def _say_calls_ended(self) -> None:
        for home in self._run.ended:
            self._end(home, "FINISHED", None)
        for home in self._cancelled:
            self._end(home, "CANCELLED", None)
        self._run.ended += self._cancelled

    def _end(self, home: Home, to: InstanceState, reason: str | None) -> None:
        self.say(self._instance(home.instance_id), MoveInstance(to, iso(self._run.now), reason))

    def _instance(self, instance_id: str) -> Key:
        return Key(self._application, "process_instance", instance_id)

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
        said = self._user_task(self._run, task)
        if rules := self._collecting.personal_of(said.process_definition_key):
            blank, owners = self._blank(task, rules)
            said = self._collecting.with_texts_sealed(said, blank, owners)
        made = self._collecting.collected(said, self._run.visible(task))
        self.say(self._key(str(task.id)), CreateTask(made))

    def _blank(self, task: Task, rules: Sequence[Personal]) -> tuple[UserTask, set[str]]:
        """What the model would say of a task without what is personal, and whom that is about."""
        run = self._run
        home = run.home(task)
        variables, owners = blanked(home.variables, rules)
        local = {}
        for name, kept in run.local.items():
            data, more = blanked({**home.variables, **kept}, rules)
            local[name] = {key: data[key] for key in kept}
            owners |= more
        blank = replace(home, variables=dict(variables))
        calls = {name: blank if one is home else one for name, one in run.calls.items()}
        left = replace(run, root=blank if home is run.root else run.root, calls=calls, local=local)
        return self._user_task(left, task, quiet=True), owners

    def _user_task(self, run: Run, task: Task, *, quiet: bool = False) -> UserTask:
        """A task as the model has it, and as its listeners have changed it."""
        said = user_task(self._application, run, task, quiet=quiet)
        if SAID not in task.internal_data:
            return said
        users = candidates_of(task, "candidate_users", said.candidate_users)
        groups = candidates_of(task, "candidate_groups", said.candidate_groups)
        return replace(said, candidate_users=users, candidate_groups=groups, **changes_of(task))

    def _finish(self, to: InstanceState, reason: str | None) -> None:
        self._end(self._run.root, to, reason)
        state.finish(self._run)

    def _key(self, task_id: str) -> Key:
        return Key(self._application, "task", task_id)


@contextmanager
def taken(step: Step, run: Run, collect: Collect, keep: Callable[[Run], None]) -> Iterator[Step]:
    """A step that happens whole or not at all; the engine's own errors become `ExecutionFailed`."""
    try:
        yield step
    except WorkflowException as error:
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


def job_task(run: Run, job_id: str) -> Task:
    """The task whose job this is; raises `AlreadyCompleted` where it is none any more."""
    task = None if run.stored.finished else _find(run, job_id)
    if task is None or job_id not in run.jobs or task.state != TaskState.STARTED:
        raise AlreadyCompleted("the job has already ended")
    return task


def _deepest_first(workflow: Workflow) -> list[Workflow]:
    return sorted(workflow.get_active_subprocesses(), key=lambda inner: -inner.depth)


def job_of(run: Run, job_id: str) -> EngineJob:
    """The job of an element, as it is offered."""
    task, (kind, topic) = _find(run, job_id), run.jobs[job_id]
    home, said = run.home(task), task.task_spec.extensions
    return EngineJob(
        job_id=job_id,
        instance_id=home.instance_id,
        root_id=run.stored.instance_id,
        definition_id=home.process.definition.definition_id,
        definition_key=home.process.definition.key,
        business_key=home.business_key,
        element=task.task_spec.bpmn_id,
        topic=_resolved(run, task, topic),
        kind=kind,
        priority=_whole(_resolved(run, task, said.get("taskPriority") or "0")) or 0,
        retries=_whole(said.get("retries")),
    )


def _resolved(run: Run, task: Task, text: str) -> str:
    """A text with expressions; the text itself where it cannot be evaluated."""
    try:
        return str(evaluate.value(text, run.scope(task), run.now))
    except ExpressionFailed:
        return text


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004 - 32 bits


def _tasks(run: Run) -> Iterator[Task]:
    for workflow in (run.workflow, *run.workflow.subprocesses.values()):
        yield from workflow.tasks.values()


def started(application: str, run: Run, home: Home) -> StartInstance:
    """An instance as the views know it."""
    definition = home.process.definition
    return StartInstance(
        ProcessInstance(
            process_instance_id=home.instance_id,
            application=application,
            process_definition_key=definition.key,
            process_definition_id=definition.definition_id,
            process_name=definition.name,
            business_key=home.business_key,
            start_user=run.stored.start_user,
            start_time=iso(run.now),
            super_instance_id=home.caller,
        )
    )


def _is_over(run: Run, task_id: str) -> bool:
    task = _find(run, task_id)
    return task is None or task.state == TaskState.CANCELLED


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
    return f"{name}: {words(error)}" if name else words(error)
