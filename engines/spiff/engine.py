"""One unit of work with SpiffWorkflow: instances live in memory until `flush`, what happens goes to the collector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from domain.access import tenant_named
from domain.aggregates.task import TaskCommand, UserTask
from domain.deployment import Deployed
from domain.errors import (
    BpmnError,
    NotFound,
)
from domain.values import iso
from engines.collecting import Collecting
from engines.protocol import Collect, EngineMemory, Meter, Services, StoredInstance, Unmetered
from engines.spiff import migrating, state, steps
from engines.spiff.definitions import Definitions
from engines.spiff.human import form_values
from engines.spiff.jobs import job_task
from engines.spiff.listeners import know
from engines.spiff.messages import Messages
from engines.spiff.moving import move
from engines.spiff.run import Home, Process, Run, checked_variables, fits
from engines.spiff.runs import Runs
from engines.spiff.told import Telling


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
        self._services = replace(services, decision=memory.decision, form=memory.form)
        self._new_id = new_id
        self._meter = meter or Unmetered()
        self._collecting = collecting or Collecting()
        self._definitions = Definitions(application, memory, collect, self._services, new_id, self._meter)
        self._runs = Runs(memory, self._definitions, self._services, now, self._meter)
        self._messages = Messages(memory, self._runs, self._step, self.start_at, now)

    def deploy(self, *sources: bytes, strict: bool = False, tenant: str | None = None) -> Deployed:
        """Parse, store and register what is in BPMN and DMN files; raises `InvalidDefinition`."""
        return self._definitions.deploy(sources, self._now(), strict=strict, tenant=tenant_named(tenant))

    def start(
        self,
        key: str,
        variables: Mapping[str, Any],
        business_key: str | None = None,
        user: str | None = None,
        tenant: str | None = None,
    ) -> str:
        """Start the newest version and run to its first wait states; raises `NotFound`."""
        process, tenant = self._definitions.latest(key), tenant_named(tenant)
        if process is None or (tenant and process.definition.tenant_id not in (None, tenant)):
            raise NotFound(f"there is no process {key!r}")
        return self._begin(process, checked_variables(variables), business_key, user, tenant=tenant)

    def start_at(
        self,
        definition_id: str,
        element: str,
        variables: Mapping[str, Any],
        business_key: str | None = None,
        tenant: str | None = None,
    ) -> str:
        """Start one version at a start event; raises `NotFound`."""
        process, tenant = self._definitions.by_id(definition_id), tenant_named(tenant)
        if process is None or (tenant and process.definition.tenant_id not in (None, tenant)):
            raise NotFound(f"the definition {definition_id!r} is gone")
        return self._begin(process, checked_variables(variables), business_key, None, element=element, tenant=tenant)

    def hears(self, definition_id: str, element: str) -> bool:
        """Whether the model does something when a user task of this element is changed, as by `change`."""
        return self._definitions.hears(definition_id, element)

    def change(self, instance_id: str, task: UserTask, commands: Sequence[TaskCommand]) -> None:
        """People change a ready user task: say so, and tell its listeners; raises `AlreadyCompleted`, `NotFound`.

        `task` is what it was before. What listeners fail with is told to operators.
        """
        run = self._runs.find(instance_id)
        waiting = steps.ready_task(run, task.engine_task_id)
        with self._step(run) as step:
            know(waiting, task)
            step.change(waiting, commands)
            step.advance()

    def complete(
        self, instance_id: str, task_id: str, variables: Mapping[str, Any], held: UserTask | None = None
    ) -> None:
        """Complete a ready user task and run on; raises `AlreadyCompleted` when it is not ready.

        `held` is the task as people see it, for what its listeners ask of it.
        """
        run = self._runs.awake(instance_id)
        task = steps.ready_task(run, task_id)
        checked = checked_variables(variables)
        with self._step(run) as step:
            if held is not None:
                know(task, held)
            step.complete(task, checked)
            step.advance()

    def finish_job(
        self, instance_id: str, job_id: str, variables: Mapping[str, Any], local_variables: Mapping[str, Any]
    ) -> None:
        """Go on behind an element whose job is done; raises `AlreadyCompleted`, `NotFound`."""
        run = self._runs.awake(instance_id)
        task, checked, local = job_task(run, job_id), checked_variables(variables), checked_variables(local_variables)
        with self._step(run) as step:
            step.job_done(task, checked, local)
            step.advance()

    def raise_error(
        self, instance_id: str, job_id: str, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        """Raise a BPMN error at an element whose job says so; raises `AlreadyCompleted`, `NotFound`."""
        run = self._runs.awake(instance_id)
        task, checked = job_task(run, job_id), checked_variables(variables)
        with self._step(run) as step:
            step.job_failed(task, BpmnError(code, message, checked))
            step.advance()

    def fail_job(self, instance_id: str, job_id: str, problem: Mapping[str, Any], tries: int) -> None:
        """A job has failed for good: operators are told; raises `AlreadyCompleted`, `NotFound`."""
        run = self._runs.find(instance_id)
        task = job_task(run, job_id)
        element = task.task_spec.bpmn_id or task.task_spec.name
        named = {**problem, "job": job_id, "element": element}
        self._memory.open_incident(run.home(task).instance_id, element, named, tries, "job")

    def job_variables(self, instance_id: str, job_id: str) -> Mapping[str, Any]:
        """The variables that the element of a job sees; raises `AlreadyCompleted`, `NotFound`."""
        run = self._runs.find(instance_id)
        return deepcopy(run.visible(job_task(run, job_id)))

    def correlate(
        self,
        name: str,
        business_key: str | None = None,
        correlation: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        instance_id: str | None = None,
    ) -> Mapping[str, str]:
        """Give a message to the one instance that waits for it, else start the one process it starts.

        `correlation` are variables that instance has. Returns `{processInstanceId, started}`; raises `NotFound` where
        nobody waits, and `Ambiguous` where several do.
        """
        return self._messages.correlate(name, business_key, correlation or {}, variables or {}, instance_id)

    def signal(self, name: str, variables: Mapping[str, Any] | None = None) -> Mapping[str, list[str]]:
        """Give a signal to all who wait for it and start what it starts; returns `{processInstanceIds, started}`.

        Beyond `AT_ONCE` of them each gets it in a unit of work of its own, as if a timer of it were due.
        """
        return self._messages.signal(name, variables or {})

    def set_variables(self, instance_id: str, variables: Mapping[str, Any], removed: Sequence[str] = ()) -> None:
        """Change variables of an instance, which may let it go on; raises `NotFound`, `AlreadyCompleted`."""
        run = self._runs.running(instance_id)
        checked = checked_variables(variables)
        home = next(one for one in run.homes() if one.instance_id == instance_id)
        fits({name: value for name, value in home.variables.items() if name not in removed}, checked)
        with self._step(run) as step:
            home.variables.update(checked)
            for name in removed:
                home.variables.pop(name, None)
            step.advance()

    def retry(self, instance_id: str, element: str | None = None) -> None:
        """Try again where an instance has stopped, at one element or at all; raises `NotFound`, `AlreadyCompleted`."""
        run = self._runs.running(instance_id)
        self._runs.awake(instance_id)
        with self._step(run) as step:
            step.lift([name for name, stop in run.stops.items() if element in (None, stop.element)])
            step.advance()

    def form_values(self, instance_id: str, task_id: str) -> Mapping[str, Any]:
        """What the fields of a ready user task's form have now; raises `AlreadyCompleted` when it is not ready."""
        run = self._runs.find(instance_id)
        return form_values(run, steps.ready_task(run, task_id))

    def hold(self, instance_id: str) -> None:
        """Lock an instance and load it, ahead of acting on it; an unknown one is ignored."""
        with suppress(NotFound):
            self._runs.find(instance_id)

    def fire_timers(self, instance_id: str) -> None:
        """Run whatever of the instance is due: timers, what goes on behind a border, what is tried again."""
        run = self._runs.find(instance_id)
        run.now = self._now()
        if run.stored.finished or run.stored.suspended:
            return
        self._messages.hand_over_owed(run.stored.instance_id)
        if run.stored.finished:
            return
        lifted = self._liftable(run)
        if not lifted and not state.is_due(run):
            # Saved again only where it was thought to be due.
            run.changed = run.changed or (run.stored.due or iso(run.now)) < iso(run.now)
            return
        with self._step(run) as step:
            step.lift(lifted)
            run.workflow.refresh_timers()
            step.advance()

    def announce(self, instance_id: str, is_told: Callable[[str], bool]) -> None:
        """Say again what waits for people in an instance; raises `NotFound`.

        It changes nothing in it, but that a task may be told now of which nothing was told before. `is_told`: whether
        a task of a process that is left out was told before it was.
        """
        run = self._runs.find(instance_id)
        if run.stored.finished:
            return
        told, untold = Telling(self._application, run, self._collecting), set(run.untold)
        for home in run.homes():
            told.started(home)
        with self._meter.spending(instance_id):
            told.announce(is_told)
        run.changed = run.changed or run.untold != untold
        for key, command in told.said:
            self._collect(key, command)

    def move(
        self, instance_id: str, from_element: str, to_element: str | None = None, reason: str | None = None
    ) -> None:
        """End what is at an element and begin before another, or behind it: None. Raises `CannotMove`, `NotFound`."""
        run = self._runs.running(instance_id)
        with self._step(run) as step:
            move(run, instance_id, from_element, to_element)
            step.advance(reason)

    def migrate(self, instance_id: str, definition_id: str, *, dry_run: bool = False) -> list[str]:
        """Make an instance one of another version of its process, or say why that cannot be.

        Open tasks stay, as tasks of that version.

        Raises `NotFound`, `AlreadyCompleted`, and `CannotMigrate` where it is another process.
        """
        run, after = self._runs.running(instance_id), self._definitions.by_id(definition_id)
        if after is None:
            raise NotFound(f"there is no definition {definition_id!r}")
        found = migrating.obstacles(run, instance_id, after)
        if not found and not dry_run:
            self._memory.rebind(instance_id, definition_id)
            with self._step(migrating.become(run, instance_id, after, self._definitions)) as step:
                step.told.migrated(instance_id)
                step.advance()
        return found

    def cancel(self, instance_id: str, reason: str | None) -> None:
        """End an instance; its open tasks are deleted."""
        run = self._runs.running(instance_id)
        with self._step(run) as step:
            run.workflow.cancel()
            step.cancel(reason)

    def flush(self) -> None:
        """Save every instance that changed, once."""
        self._runs.flush()

    def touched(self) -> frozenset[str]:
        """The instances held in memory now."""
        return self._runs.touched()

    def forget(self, instance_ids: frozenset[str]) -> None:
        """Drop instances from memory unsaved."""
        self._runs.forget(instance_ids)

    def _begin(
        self,
        process: Process,
        variables: dict[str, Any],
        business_key: str | None,
        user: str | None,
        *,
        element: str | None = None,
        tenant: str | None = None,
    ) -> str:
        stored = StoredInstance(self._new_id(), process.definition.definition_id, business_key, user, state="")
        fits({}, variables)
        root = Home(stored.instance_id, process, business_key, variables)
        run = Run(stored, root, self._services, self._now(), start=element)
        run.tenant = process.definition.tenant_id or tenant
        with self._step(run) as step:
            step.told.started(root)
            state.begin(run, self._definitions)
            step.advance()
        return stored.instance_id

    @contextmanager
    def _step(self, run: Run) -> Iterator[steps.Step]:
        """Move an instance, then hand over what it throws to others."""
        instance_id = run.stored.instance_id
        run.now = self._now()
        step = steps.Step(self._application, run, self._collecting)
        with self._runs.moving(run), self._meter.spending(instance_id), steps.taken(step, run):
            step.begins = self._meter.at
            yield step
        self._runs.keep(run)
        for key, command in step.told.said:
            self._collect(key, command)
        for thrown in step.leaving:
            self._messages.send(thrown, instance_id, run.tenant)

    def _liftable(self, run: Run) -> list[str]:
        """What is to be tried again now: its time has come, or an operator has decided."""
        now = iso(run.now)
        found = [name for name, stop in run.stops.items() if stop.due is not None and stop.due <= now]
        set_aside = [(name, stop) for name, stop in run.stops.items() if stop.due is None]
        for instance_id in {stop.instance_id for _, stop in set_aside}:
            undecided = self._memory.open_incidents(instance_id)
            found += [n for n, stop in set_aside if stop.instance_id == instance_id and stop.element not in undecided]
        return found
