"""One unit of work with SpiffWorkflow: instances live in memory until `flush`, what happens goes to the collector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import ErrorEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.util.task import TaskState

from domain.aggregates.process_definition import ProcessDefinition, RegisterDefinition
from domain.aggregates.process_instance import ProcessInstance, StartInstance
from domain.errors import AlreadyCompleted, ExecutionFailed, InvalidValue, InvalidVariables, NotFound
from domain.identity import Key
from domain.values import check, iso
from engines.collecting import Collecting
from engines.protocol import (
    Collect,
    EngineJob,
    EngineMemory,
    Meter,
    Services,
    StoredDefinition,
    StoredInstance,
    Unmetered,
)
from engines.spiff import state, steps
from engines.spiff.compiled import ProcessCache
from engines.spiff.deployment import compile_source
from engines.spiff.run import Process, Run
from engines.spiff.services import outside
from engines.spiff.specs import ServiceCall

_PROCESSES = ProcessCache()


class SpiffEngine:
    """Implements `engines.protocol.Engine`; what fails half-way is forgotten and tells the collector nothing."""

    def __init__(  # noqa: PLR0917 - each is a collaborator of its own
        self,
        application: str,
        memory: EngineMemory,
        collect: Collect,
        now: Callable[[], datetime],
        services: Services,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        meter: Meter | None = None,
        collecting: Collecting | None = None,
    ) -> None:
        self._application = application
        self._memory = memory
        self._collect = collect
        self._now = now
        self._services = services
        self._new_id = new_id
        self._meter = meter or Unmetered()
        self._collecting = collecting or Collecting()
        self._runs: dict[str, Run] = {}
        self._moving: set[str] = set()

    def deploy(self, source: bytes) -> Sequence[ProcessDefinition]:
        """Parse, store and register every executable process of a BPMN file; raises `InvalidDefinition`."""
        with self._meter.spending(""):
            found = compile_source(self._application, source, self._memory.next_version, self._new_id)
        for stored in found:
            self._memory.save_definition(stored)
            key = Key(self._application, "process_definition", stored.definition.definition_id)
            self._collect(key, RegisterDefinition(stored.definition))
        return [stored.definition for stored in found]

    def start(
        self, key: str, variables: Mapping[str, Any], business_key: str | None = None, user: str | None = None
    ) -> str:
        """Start the newest version and run to its first wait states; raises `NotFound`."""
        process = self._latest(key)
        if process is None:
            raise NotFound(f"there is no process {key!r}")
        stored = StoredInstance(self._new_id(), process.definition.definition_id, business_key, user, state="")
        run = Run(stored, process, self._services, self._now(), variables=_checked(variables))
        with self._step(run) as step:
            step.say(Key(self._application, "process_instance", stored.instance_id), self._started(run))
            state.begin(run, self._latest)
            step.advance()
        return stored.instance_id

    def complete(self, instance_id: str, task_id: str, variables: Mapping[str, Any]) -> None:
        """Complete a ready user task and run on; raises `AlreadyCompleted` when it is not ready."""
        run = self._run(instance_id)
        task = steps.ready_task(run, task_id)
        checked = _checked(variables)
        with self._step(run) as step:
            run.variables.update(checked)
            step.complete(task)
            step.advance()

    def hold(self, instance_id: str) -> None:
        """Lock an instance and load it, ahead of acting on it; an unknown one is ignored."""
        with suppress(NotFound):
            self._run(instance_id)

    def fire_timers(self, instance_id: str) -> None:
        """Run whatever timers of the instance are due."""
        run = self._run(instance_id)
        run.now = self._now()
        if not state.is_due(run):
            return
        with self._step(run) as step:
            run.workflow.refresh_timers()
            step.advance()

    def announce(self, instance_id: str) -> None:
        """Say again what waits for people in an instance, which changes nothing in it; raises `NotFound`."""
        run = self._run(instance_id)
        if run.stored.finished:
            return
        self._collect(Key(self._application, "process_instance", instance_id), self._started(run))
        step = steps.Step(self._application, run, self._collecting)
        with self._meter.spending(instance_id):
            step.announce()
        for key, command in step.said:
            self._collect(key, command)

    def cancel(self, instance_id: str, reason: str | None) -> None:
        """End an instance; its open tasks are deleted."""
        run = self._run(instance_id)
        if run.stored.finished:
            raise AlreadyCompleted("the process instance has already ended")
        with self._step(run) as step:
            run.workflow.cancel()
            step.cancel(reason)

    def job_variables(self, instance_id: str, job_id: str) -> Mapping[str, Any]:
        """The variables visible at the element that waits for this job."""
        run = self._run(instance_id)
        return run.visible(self._waiting(run, job_id))

    def finish_job(
        self, instance_id: str, job_id: str, variables: Mapping[str, Any], local_variables: Mapping[str, Any]
    ) -> None:
        """The job is done: run on."""
        run = self._run(instance_id)
        task = self._waiting(run, job_id)
        checked = _checked({**local_variables, **variables})
        with self._step(run) as step:
            run.variables.update(checked)
            task.complete()
            step.advance()

    def raise_error(
        self, instance_id: str, job_id: str, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        """The job ends with a BPMN error, which the model may catch."""
        run = self._run(instance_id)
        task = self._waiting(run, job_id)
        checked = _checked(variables)
        with self._step(run) as step:
            run.variables.update(checked)
            task.workflow.catch(BpmnEvent(ErrorEventDefinition(message or code, code)))
            step.advance()
            if task.state == TaskState.STARTED:
                raise ExecutionFailed(f"{task.task_spec.bpmn_id}: nobody catches {code!r}: {message}")

    def fail_job(self, instance_id: str, job_id: str, problem: Mapping[str, Any], tries: int) -> None:
        """The job has failed for good: it waits, and there is an incident."""
        run = self._run(instance_id)
        task = self._waiting(run, job_id)
        self._memory.open_incident(run.stored.instance_id, "job", task.task_spec.bpmn_id, problem, tries)

    def _waiting(self, run: Run, job_id: str) -> Any:
        task = steps._find(run, job_id)  # noqa: SLF001
        if run.stored.finished or task is None or job_id not in run.jobs:
            raise AlreadyCompleted("nothing waits for this job any more")
        return task

    def _tell_jobs(self, run: Run) -> None:
        waiting = {} if run.stored.finished else {str(task.id): task for task in steps._tasks(run) if _waits(task)}  # noqa: SLF001
        for job_id in [job_id for job_id in run.jobs if job_id not in waiting]:
            self._memory.close_job(job_id)
        for job_id, task in waiting.items():
            if job_id not in run.jobs and (found := outside(run, task)):
                definition = run.process.definition
                place = (run.stored.instance_id, run.stored.instance_id, definition.definition_id, definition.key)
                element = (run.stored.business_key, task.task_spec.bpmn_id, found[1], found[0])
                priority = int(task.task_spec.extensions.get("taskPriority", 0))
                self._memory.open_job(EngineJob(job_id, *place, *element, priority))
        run.jobs = [*waiting]

    def flush(self) -> None:
        """Save every instance that changed, once."""
        for run in self._runs.values():
            if run.changed:
                with self._meter.spending(run.stored.instance_id):
                    stored = state.dump(run)
                self._memory.save(stored)
        self._runs.clear()

    def touched(self) -> frozenset[str]:
        """The instances held in memory now."""
        return frozenset(self._runs)

    def forget(self, instance_ids: frozenset[str]) -> None:
        """Drop instances from memory unsaved."""
        for instance_id in instance_ids:
            self._runs.pop(instance_id, None)

    @contextmanager
    def _step(self, run: Run) -> Iterator[steps.Step]:
        """While it moves the instance is not held: if this fails, what is left of it in memory is worth nothing."""
        instance_id = run.stored.instance_id
        self._runs.pop(instance_id, None)
        self._moving.add(instance_id)
        run.now = self._now()
        step = steps.Step(self._application, run, self._collecting)
        try:
            with self._meter.spending(instance_id), steps.taken(step, run, self._collect, self._keep):
                step.begins = self._meter.at
                yield step
            self._tell_jobs(run)
        finally:
            self._moving.discard(instance_id)

    def _keep(self, run: Run) -> None:
        self._runs[run.stored.instance_id] = run

    def _run(self, instance_id: str) -> Run:
        if instance_id in self._moving:
            raise ExecutionFailed("a service may not move the instance that called it")
        run = self._runs.get(instance_id)
        if run is None:
            stored = self._memory.load(instance_id)
            if stored is None:
                raise NotFound(f"there is no process instance {instance_id!r}")
            process = self._process(stored.definition_id)
            if process is None:
                raise NotFound(f"the definition {stored.definition_id!r} is gone")
            run = Run(stored, process, self._services, self._now())
            with self._meter.spending(instance_id):
                state.load(run, self._latest, self._process)
            self._keep(run)
        return run

    def _process(self, definition_id: str) -> Process | None:
        found = _PROCESSES.get(self._application, definition_id)
        return found or self._compiled(self._memory.definition(definition_id))

    def _latest(self, key: str) -> Process | None:
        stored = self._memory.latest(key)
        found = stored and _PROCESSES.get(self._application, stored.definition.definition_id)
        return found or self._compiled(stored)

    def _compiled(self, stored: StoredDefinition | None) -> Process | None:
        return _PROCESSES.put(self._application, stored) if stored else None

    def _started(self, run: Run) -> StartInstance:
        return StartInstance(
            ProcessInstance(
                process_instance_id=run.stored.instance_id,
                application=self._application,
                process_definition_key=run.process.definition.key,
                process_definition_id=run.process.definition.definition_id,
                process_name=run.process.definition.name,
                business_key=run.stored.business_key,
                start_user=run.stored.start_user,
                start_time=iso(run.now),
            )
        )


def _waits(task: Any) -> bool:
    return task.state == TaskState.STARTED and isinstance(task.task_spec, ServiceCall)


def _checked(variables: Mapping[str, Any]) -> dict[str, Any]:
    try:
        check(variables, "variables")
    except InvalidValue as error:
        raise InvalidVariables(str(error)) from error
    return dict(variables)
