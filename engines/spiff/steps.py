"""One step of an instance: run to the next wait states, then say what ended and what is new, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.exceptions import SpiffWorkflowException, WorkflowException
from SpiffWorkflow.util.task import TaskState

from domain.aggregates.task import AssignTask, ChangeTask, TaskCommand
from domain.errors import AlreadyCompleted, BpmnError, ExecutionFailed, TaskNotFound
from engines.collecting import Collecting
from engines.expressions.evaluate import ExpressionFailed
from engines.spiff import listeners, state
from engines.spiff.activity import DONE, PASSED, SHOWN, enter, is_held, is_skipped, leave
from engines.spiff.compensation import proceed, remember
from engines.spiff.event_subprocesses import ends, fired, settle
from engines.spiff.events import SIGNAL, catch, look_at_conditions, raise_or_stop
from engines.spiff.gone import Gone, tasks_of, tidy
from engines.spiff.history import end_within, prune
from engines.spiff.run import Home, Run, Task, Thrown, Workflow
from engines.spiff.specs import SKIPPABLE, look_again
from engines.spiff.stops import FAULTS, LISTENER, border, words
from engines.spiff.told import Telling

MAX_STEPS = 10_000
PRUNED_EVERY = 100
"""Steps after which history is forgotten: SpiffWorkflow does not find tasks that are deeper in its tree than 1000."""
SPARE_STEPS = 1_000
"""For what is neither run nor waits, as an event that is handed on, before that is too much as well."""
MOST_ROUNDS = 10
"""How many units of work one after the other may end because so much has run; what goes on then goes in circles."""
CIRCLES = "so many elements have run one after the other, and none waits, that the process seems to go in circles"
MOST_CALLED = 2_000
"""How many processes an instance may call in one unit of work: they are saved with it."""
CALLED = f"more than {MOST_CALLED} processes would be called in one step"
_LOST = (SpiffWorkflowException, RecursionError, KeyError, AttributeError, TypeError, ValueError, IndexError)


class Step:
    """What one call does to one instance; said to the collector only when all of it went well."""

    def __init__(self, application: str, run: Run, collecting: Collecting) -> None:
        self._run = run
        self.told = Telling(application, run, collecting)
        self._steps = self._pruned = 0
        self._leaving: list[Thrown] = []
        self._cancelled: list[Home] = []
        self._gone = Gone(run)
        self._is_full = False
        self._element: str | None = None
        self.begins: Callable[[str], None] = lambda _element: None

    def change(self, task: Task, commands: Sequence[TaskCommand]) -> None:
        """People have changed a task that is ready; what its listeners do with that is not their fault."""
        for command in commands:
            self.told.say(str(task.id), command)
            listeners.know(task, _changes(command))
        self.told.note(task)
        listeners.tell(self._run, task, "update")
        if any(isinstance(command, AssignTask) for command in commands):
            listeners.tell(self._run, task, "assignment")

    def complete(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Complete a task that is ready. What fails behind it is not the fault of who completes it."""
        run = self._run
        self.told.done = str(task.id)
        task.internal_data[DONE] = True
        run.put(task, variables)
        self._move(task)

    def job_done(self, task: Task, variables: Mapping[str, Any], local: Mapping[str, Any]) -> None:
        """Go on behind an element whose job is done."""
        run = self._run
        run.jobs.pop(str(task.id), None)
        run.put_local(task, local)
        run.put(task, variables)
        task.internal_data[DONE] = True
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
            if LISTENER in name:
                run.lifted[name] = stop
                listeners.again(run, name)
                continue
            task = run.find(name)
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
            while self._run_on() or self._deliver() or settle(run) or self._gone.tell() or proceed(run):
                self._count()
        run.rounds = run.rounds + 1 if self._is_full and run.rounds < MOST_ROUNDS else 0
        run.workflow.get_events()
        self._cancelled += tidy(run)
        told, is_over = self.told, bool(run.workflow.is_completed())
        told.calls()
        told.ended(reason)
        told.changed()
        told.created()
        self._end(None, is_over=is_over)
        if is_over:
            told.end(run.root, "FINISHED", None)
            state.finish(run)
        else:
            prune(run)

    def cancel(self, reason: str | None) -> None:
        """Everything that is open ends with the instance."""
        self._gone.tell()
        listeners.process_cancelled(self._run, self._run.workflow)
        self._cancelled += tidy(self._run)
        self.told.ended(reason)
        self._end(reason, is_over=True)
        self.told.end(self._run.root, "CANCELLED", reason)
        state.finish(self._run)

    def _end(self, reason: str | None, *, is_over: bool) -> None:
        """Tell what of variables and called instances has ended, and of all where the instance is over."""
        self.told.variables(self._cancelled, ended=is_over)
        self.told.calls_ended(self._cancelled, reason)
        self._run.ended += self._cancelled

    def _hold(self) -> None:
        """What would run in a suspended instance stops before it; the clock lets it go on once that is resumed."""
        run = self._run
        for task in tasks_of(run):
            if self._is_automatic(task):
                element = task.task_spec.bpmn_id or task.task_spec.name
                run.stops[str(task.id)] = border(element, run.home(task).instance_id, run.now)

    def _run_on(self) -> bool:
        """Make the steps that wait for nobody; whether there are more, which timers that are due can cause."""
        workflow = self._run.workflow
        while self._run_all():
            pass
        workflow.refresh_timers()
        listeners.fire_timeouts(self._run)
        look_at_conditions(self._run)
        return any(self._is_automatic(task) for task in tasks_of(self._run))

    def _run_all(self) -> int:
        """Run what is ready, the innermost first; how many tasks were run."""
        workflow = self._run.workflow
        end_within(workflow)
        return sum(self._run_ready(inner) for inner in (*_deepest_first(workflow), workflow))

    def _run_ready(self, workflow: Workflow) -> int:
        """Run what is ready in one workflow, and what that makes ready; how many tasks were run."""
        before = self._steps
        while ready := [task for task in workflow.tasks.values() if self._is_automatic(task)]:
            for task in ready:
                is_here = task.id in workflow.tasks and task.state == TaskState.READY
                if is_here and str(task.id) not in self._run.stops and self._may_move(task):
                    self._move(task)
                    self._count()
            if self._steps - self._pruned > PRUNED_EVERY:
                self._pruned = self._steps
                self._gone.tell()
                prune(self._run)
        if workflow.parent_task_id is not None and (owner := self._run.find(str(workflow.parent_task_id))):
            owner.task_spec._update(owner)  # noqa: SLF001 - how SpiffWorkflow hears that a sub-process has ended
        return self._steps - before

    def _is_automatic(self, task: Task) -> bool:
        """Whether it goes on without a person: a user task does once, to be made ready for one."""
        if task.state != TaskState.READY or str(task.id) in self._run.stops:
            return False
        return not task.task_spec.manual or DONE in task.internal_data or SHOWN not in task.internal_data

    def _may_move(self, task: Task) -> bool:
        """Whether this unit of work has room for one more; what has none goes on in the next, or is set aside."""
        if self._steps < MAX_STEPS:
            return True
        run, self._is_full = self._run, True
        if run.rounds < MOST_ROUNDS:
            element = task.task_spec.bpmn_id or task.task_spec.name
            run.stops[str(task.id)] = border(element, run.home(task).instance_id, run.now)
        else:
            run.stop(task, ExecutionFailed(CIRCLES))
        return False

    def _move(self, task: Task) -> None:
        """Run one task; what fails in it stops the instance before it, and changes nothing."""
        self._at(task)
        run, name = self._run, str(task.id)
        undo = run.restorer(task)
        try:
            if DONE in task.internal_data or not is_held(run, task):
                self._act(task)
        except BpmnError as error:
            undo()
            self._raise(task, error)
        except FAULTS as error:
            if task.state == TaskState.COMPLETED:
                raise
            undo()
            task._set_state(TaskState.READY)  # noqa: SLF001 - SpiffWorkflow has made it an error
            run.stop(task, error)
        else:
            run.lifted.pop(name, None)

    def _act(self, task: Task) -> None:
        run = self._run
        enter(run, task)
        may_skip = isinstance(task.task_spec, SKIPPABLE) and DONE not in task.internal_data
        is_left_out = may_skip and is_skipped(run, task)
        if task.task_spec.manual and not is_left_out and DONE not in task.internal_data:
            task.internal_data[SHOWN] = True
            listeners.created(run, task)
            run.ready.append(task)
            return
        if task.task_spec.manual and not is_left_out:
            listeners.completed(run, task)
        if is_left_out or (DONE in task.internal_data and not task.task_spec.manual):
            result: Any = True
        else:
            result = task.task_spec._run(task)  # noqa: SLF001 - as `Task.run` does
        if result is None:
            task._set_state(TaskState.STARTED)  # noqa: SLF001
            return
        local = dict(run.local.get(str(task.id), {}))
        leave(run, task)
        if ends(task) and run.is_process(task.workflow):
            listeners.process_ended(run, task)
        task.complete()
        remember(run, task, local)
        fired(run, task)

    def _raise(self, task: Task, error: BpmnError) -> None:
        task._set_state(TaskState.READY)  # noqa: SLF001 - SpiffWorkflow has made it an error
        raise_or_stop(self._run, task, error)

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

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS + SPARE_STEPS:
            raise ExecutionFailed(CIRCLES)
        if len(self._run.begun) > MOST_CALLED:
            raise ExecutionFailed(CALLED)

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


@contextmanager
def taken(step: Step, run: Run) -> Iterator[Step]:
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


def ready_task(run: Run, task_id: str) -> Task:
    """The task if it can be completed now; raises `AlreadyCompleted` or `TaskNotFound`."""
    if run.stored.finished:
        raise AlreadyCompleted
    task = run.find(task_id)
    if task is None:
        # Ended tasks are forgotten; an id that was never one of ours cannot be told from them.
        raise AlreadyCompleted if _is_id(task_id) else TaskNotFound
    if task.state != TaskState.READY or task_id not in run.open:
        raise AlreadyCompleted
    return task


def _deepest_first(workflow: Workflow) -> list[Workflow]:
    return sorted(workflow.get_active_subprocesses(), key=lambda inner: -inner.depth)


def _changes(command: TaskCommand) -> Mapping[str, Any]:
    match command:
        case AssignTask(assignee):
            return {"assignee": assignee}
        case ChangeTask(changes):
            return changes
    return {}


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
