"""One unit of work with SpiffWorkflow: instances live in memory until `flush`, what happens goes to the collector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from domain.aggregates.process_definition import ProcessDefinition, RegisterDefinition
from domain.deployment import Deployed, StartEvent, Warned
from domain.errors import (
    AlreadyCompleted,
    Ambiguous,
    BpmnError,
    ExecutionFailed,
    InvalidValue,
    InvalidVariables,
    NotFound,
    Suspended,
)
from domain.identity import Key
from domain.values import check, iso
from engines.collecting import Collecting
from engines.decisions.model import read as read_decisions
from engines.protocol import Collect, EngineMemory, Meter, Services, StoredDefinition, StoredInstance, Unmetered, Wait
from engines.spiff import migrating, state, steps
from engines.spiff.checks import Known, look_at, strictly
from engines.spiff.compiled import ProcessCache
from engines.spiff.deployment import compile_source
from engines.spiff.events import MESSAGE, SIGNAL, catch, waits
from engines.spiff.human import form_values
from engines.spiff.moving import move
from engines.spiff.run import Home, Process, Run, Thrown
from engines.spiff.source import is_decision, parsed, process_ids, read

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
        self._services = replace(services, decision=memory.decision)
        self._new_id = new_id
        self._meter = meter or Unmetered()
        self._collecting = collecting or Collecting()
        self._runs: dict[str, Run] = {}
        self._moving: set[str] = set()

    def deploy(self, *sources: bytes, strict: bool = False) -> Deployed:
        """Parse, store and register what is in BPMN and DMN files; raises `InvalidDefinition`."""
        roots = [(source, parsed(source)) for source in sources]
        decisions = [made for source, root in roots if is_decision(root) for made in self._deploy_decisions(source)]
        definitions, warnings = list[ProcessDefinition](), list[Warned]()
        processes = [(source, read(source, root)) for source, root in roots if not is_decision(root)]
        together = frozenset(name for _, root in processes for name in process_ids(root))
        for source, root in processes:
            with self._meter.spending(""):
                found = look_at(root, self._known(together))
                if strict and found:
                    raise strictly(found)
                warnings += found
                compiled = compile_source(
                    self._application, source, self._memory.next_version, self._new_id, self._now()
                )
            for stored, starts in compiled:
                self._register(stored, starts)
                definitions.append(stored.definition)
        return Deployed(definitions, decisions, warnings)

    def _register(self, stored: StoredDefinition, starts: Sequence[StartEvent]) -> None:
        self._memory.save_definition(stored)
        self._memory.starts(stored.definition.key, starts)
        key = Key(self._application, "process_definition", stored.definition.definition_id)
        self._collect(key, RegisterDefinition(stored.definition))

    def _deploy_decisions(self, source: bytes) -> list[tuple[str, int]]:
        with self._meter.spending(""):
            model = read_decisions(source)
        deployed = []
        for key in model.decisions:
            version = self._memory.next_decision(key)
            self._memory.save_decision(key, version, model.decisions[key].version_tag, source)
            deployed.append((key, version))
        return deployed

    def _known(self, together: frozenset[str]) -> Known:
        services, memory = self._services, self._memory
        return Known(
            lambda name, element: any(one in services.by_name or one in services.jobs for one in (name, element)),
            lambda key: key in together or memory.latest(key) is not None,
            lambda key: memory.decision(key) is not None,
        )

    def start(
        self, key: str, variables: Mapping[str, Any], business_key: str | None = None, user: str | None = None
    ) -> str:
        """Start the newest version and run to its first wait states; raises `NotFound`."""
        process = self.latest(key)
        if process is None:
            raise NotFound(f"there is no process {key!r}")
        return self._begin(process, _checked(variables), business_key, user)

    def start_at(
        self, definition_id: str, element: str, variables: Mapping[str, Any], business_key: str | None = None
    ) -> str:
        """Start one version at a start event; raises `NotFound`."""
        process = self.by_id(definition_id)
        if process is None:
            raise NotFound(f"the definition {definition_id!r} is gone")
        return self._begin(process, _checked(variables), business_key, None, element)

    def complete(self, instance_id: str, task_id: str, variables: Mapping[str, Any]) -> None:
        """Complete a ready user task and run on; raises `AlreadyCompleted` when it is not ready."""
        run = self._awake(instance_id)
        task = steps.ready_task(run, task_id)
        checked = _checked(variables)
        with self._step(run) as step:
            step.complete(task, checked)
            step.advance()

    def finish_job(
        self, instance_id: str, job_id: str, variables: Mapping[str, Any], local_variables: Mapping[str, Any]
    ) -> None:
        """Go on behind an element whose job is done; raises `AlreadyCompleted`, `NotFound`."""
        run = self._awake(instance_id)
        task, checked, local = steps.job_task(run, job_id), _checked(variables), _checked(local_variables)
        with self._step(run) as step:
            step.job_done(task, checked, local)
            step.advance()

    def raise_error(
        self, instance_id: str, job_id: str, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        """Raise a BPMN error at an element whose job says so; raises `AlreadyCompleted`, `NotFound`."""
        run = self._awake(instance_id)
        task, checked = steps.job_task(run, job_id), _checked(variables)
        with self._step(run) as step:
            step.job_failed(task, BpmnError(code, message, checked))
            step.advance()

    def fail_job(self, instance_id: str, job_id: str, problem: Mapping[str, Any], tries: int) -> None:
        """A job has failed for good: operators are told; raises `AlreadyCompleted`, `NotFound`."""
        run = self._run(instance_id)
        task = steps.job_task(run, job_id)
        element = task.task_spec.bpmn_id or task.task_spec.name
        named = {**problem, "job": job_id, "element": element}
        self._memory.open_incident(run.home(task).instance_id, element, named, tries, "job")

    def job_variables(self, instance_id: str, job_id: str) -> Mapping[str, Any]:
        """The variables that the element of a job sees; raises `AlreadyCompleted`, `NotFound`."""
        run = self._run(instance_id)
        return deepcopy(run.visible(steps.job_task(run, job_id)))

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
        reached = self._receivers(MESSAGE, name, business_key, correlation or {}, instance_id)
        checked = _checked(variables or {})
        if len(reached) > 1:
            raise Ambiguous(f"{len(reached)} instances wait for the message {name!r}; say which")
        if reached:
            self._hand_over(reached[0], checked)
            return {"processInstanceId": reached[0].instance_id, "started": ""}
        starts = () if instance_id or correlation else self._memory.started_by(MESSAGE, name)
        if len(starts) > 1:
            raise Ambiguous(f"{len(starts)} processes are started by the message {name!r}")
        if not starts:
            raise NotFound(f"nobody waits for the message {name!r}")
        started = self.start_at(starts[0].definition_id, starts[0].element, checked, business_key)
        return {"processInstanceId": started, "started": starts[0].key}

    def signal(self, name: str, variables: Mapping[str, Any] | None = None) -> Mapping[str, list[str]]:
        """Give a signal to all who wait for it and start what it starts; returns `{processInstanceIds, started}`."""
        checked = _checked(variables or {})
        reached = self._receivers(SIGNAL, name, None, {}, None)
        for wait in reached:
            self._hand_over(wait, checked)
        started = [
            self.start_at(one.definition_id, one.element, checked) for one in self._memory.started_by(SIGNAL, name)
        ]
        return {"processInstanceIds": sorted({wait.instance_id for wait in reached}), "started": started}

    def set_variables(self, instance_id: str, variables: Mapping[str, Any], removed: Sequence[str] = ()) -> None:
        """Change variables of an instance, which may let it go on; raises `NotFound`, `AlreadyCompleted`."""
        run = self._running(instance_id)
        checked = _checked(variables)
        home = next(one for one in run.homes() if one.instance_id == instance_id)
        with self._step(run) as step:
            home.variables.update(checked)
            for name in removed:
                home.variables.pop(name, None)
            step.advance()

    def retry(self, instance_id: str, element: str | None = None) -> None:
        """Try again where an instance has stopped, at one element or at all; raises `NotFound`, `AlreadyCompleted`."""
        run = self._running(instance_id)
        self._awake(instance_id)
        with self._step(run) as step:
            step.lift([name for name, stop in run.stops.items() if element in (None, stop.element)])
            step.advance()

    def form_values(self, instance_id: str, task_id: str) -> Mapping[str, Any]:
        """What the fields of a ready user task's form have now; raises `AlreadyCompleted` when it is not ready."""
        run = self._run(instance_id)
        return form_values(run, steps.ready_task(run, task_id))

    def hold(self, instance_id: str) -> None:
        """Lock an instance and load it, ahead of acting on it; an unknown one is ignored."""
        with suppress(NotFound):
            self._run(instance_id)

    def fire_timers(self, instance_id: str) -> None:
        """Run whatever of the instance is due: timers, what goes on behind a border, what is tried again."""
        run = self._run(instance_id)
        run.now = self._now()
        if run.stored.finished or run.stored.suspended:
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

    def announce(self, instance_id: str) -> None:
        """Say again what waits for people in an instance, which changes nothing in it; raises `NotFound`."""
        run = self._run(instance_id)
        if run.stored.finished:
            return
        for home in run.homes():
            key = Key(self._application, "process_instance", home.instance_id)
            self._collect(key, steps.started(self._application, run, home))
        step = steps.Step(self._application, run, self._collecting)
        with self._meter.spending(instance_id):
            step.announce()
        for key, command in step.said:
            self._collect(key, command)

    def move(
        self, instance_id: str, from_element: str, to_element: str | None = None, reason: str | None = None
    ) -> None:
        """End what is at an element and begin before another, or behind it: None. Raises `CannotMove`, `NotFound`."""
        run = self._running(instance_id)
        with self._step(run) as step:
            move(run, instance_id, from_element, to_element)
            step.advance(reason)

    def migrate(self, instance_id: str, definition_id: str, *, dry_run: bool = False) -> list[str]:
        """Make an instance one of another version of its process, or say why that cannot be; open tasks stay.

        Raises `NotFound`, `AlreadyCompleted`, and `CannotMigrate` where it is another process.
        """
        run, after = self._running(instance_id), self.by_id(definition_id)
        if after is None:
            raise NotFound(f"there is no definition {definition_id!r}")
        found = migrating.obstacles(run, instance_id, after)
        if not found and not dry_run:
            self._memory.rebind(instance_id, definition_id)
            with self._step(migrating.become(run, instance_id, after, self)) as step:
                step.advance()
        return found

    def cancel(self, instance_id: str, reason: str | None) -> None:
        """End an instance; its open tasks are deleted."""
        run = self._running(instance_id)
        with self._step(run) as step:
            run.workflow.cancel()
            step.cancel(reason)

    def flush(self) -> None:
        """Save every instance that changed, once."""
        for run in self._runs.values():
            if run.changed:
                self._save(run)
        self._runs.clear()

    def touched(self) -> frozenset[str]:
        """The instances held in memory now."""
        return frozenset(self._runs)

    def forget(self, instance_ids: frozenset[str]) -> None:
        """Drop instances from memory unsaved."""
        for instance_id in instance_ids:
            self._runs.pop(instance_id, None)

    def latest(self, key: str) -> Process | None:
        """The newest version of a process, compiled."""
        return self._compiled(self._memory.latest(key))

    def by_id(self, definition_id: str) -> Process | None:
        """One version of a process, compiled."""
        found = _PROCESSES.get(self._application, definition_id)
        return found or self._compiled(self._memory.definition(definition_id))

    def bound(self, caller: Process, key: str, binding: str, version: str, tag: str) -> Process | None:
        """The version of a process that a call activity of another asks for."""
        if binding == "deployment":
            known = self._memory.definition(caller.definition.definition_id)
            return self._compiled(known and self._memory.deployed_with(key, known.source))
        if binding == "version":
            return self._compiled(self._memory.version(key, int(version)) if version.isdecimal() else None)
        if binding == "versionTag":
            return self._compiled(self._memory.tagged(key, tag))
        return self.latest(key)

    def _begin(
        self,
        process: Process,
        variables: dict[str, Any],
        business_key: str | None,
        user: str | None,
        element: str | None = None,
    ) -> str:
        stored = StoredInstance(self._new_id(), process.definition.definition_id, business_key, user, state="")
        root = Home(stored.instance_id, process, business_key, variables)
        run = Run(stored, root, self._services, self._now(), start=element)
        with self._step(run) as step:
            key = Key(self._application, "process_instance", stored.instance_id)
            step.say(key, steps.started(self._application, run, root))
            state.begin(run, self)
            step.advance()
        return stored.instance_id

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
        finally:
            self._moving.discard(instance_id)
        for thrown in step.leaving:
            self._send(thrown, instance_id)

    def _send(self, thrown: Thrown, sender: str) -> None:
        """Messages and signals of an instance to others: a message to the one that waits longest, or a new one."""
        if thrown.kind == SIGNAL:
            others = [wait for wait in self._receivers(SIGNAL, thrown.name, None, {}, None) if wait.root_id != sender]
            for wait in others:
                self._hand_over(wait, thrown.variables)
            for start in self._memory.started_by(SIGNAL, thrown.name):
                self.start_at(start.definition_id, start.element, thrown.variables)
            return
        waiting = self._receivers(MESSAGE, thrown.name, None, {}, None)
        same_key = [wait for wait in waiting if wait.business_key == thrown.business_key]
        if waiting:
            self._hand_over((same_key or waiting)[0], thrown.variables)
            return
        for start in self._memory.started_by(MESSAGE, thrown.name)[:1]:
            self.start_at(start.definition_id, start.element, thrown.variables, thrown.business_key)

    def _receivers(
        self, kind: str, name: str, business_key: str | None, correlation: Mapping[str, Any], instance_id: str | None
    ) -> list[Wait]:
        """Who waits, by what is saved and by what has changed since."""
        held = frozenset(self._runs)
        waiting = [wait for wait in self._memory.waiting(kind, name) if wait.root_id not in held | self._moving]
        for run in self._runs.values():
            if not run.stored.finished and not run.stored.suspended:
                waiting += sorted(
                    (wait for wait in waits(run) if (wait.kind, wait.name) == (kind, name)),
                    key=lambda wait: wait.instance_id,
                )
        if business_key is not None:
            waiting = [wait for wait in waiting if wait.business_key == business_key]
        if instance_id is not None:
            waiting = [wait for wait in waiting if wait.instance_id == instance_id]
        return [wait for wait in waiting if not correlation or self._has(wait, correlation)]

    def _has(self, wait: Wait, correlation: Mapping[str, Any]) -> bool:
        run = self._run(wait.root_id)
        home = next((one for one in run.homes() if one.instance_id == wait.instance_id), None)
        found: Mapping[str, Any] = home.variables if home else {}
        return all(name in found and found[name] == value for name, value in correlation.items())

    def _hand_over(self, wait: Wait, variables: Mapping[str, Any]) -> None:
        run = self._run(wait.root_id)
        if run.stored.finished or run.stored.suspended:
            return
        with self._step(run) as step:
            catch(run, wait.kind, wait.name, variables, wait.instance_id)
            step.advance()

    def _liftable(self, run: Run) -> list[str]:
        """What is to be tried again now: its time has come, or an operator has decided."""
        now = iso(run.now)
        found = [name for name, stop in run.stops.items() if stop.due is not None and stop.due <= now]
        set_aside = [(name, stop) for name, stop in run.stops.items() if stop.due is None]
        for instance_id in {stop.instance_id for _, stop in set_aside}:
            undecided = self._memory.open_incidents(instance_id)
            found += [n for n, stop in set_aside if stop.instance_id == instance_id and stop.element not in undecided]
        return found

    def _save(self, run: Run) -> None:
        memory, stored = self._memory, run.stored
        with self._meter.spending(stored.instance_id):
            saved = state.dump(run)
        memory.save(saved)
        for home in (*run.begun, *run.ended):
            memory.save_called(
                StoredInstance(
                    *(home.instance_id, home.process.definition.definition_id, home.business_key, stored.start_user),
                    state=state.CALLED,
                    finished=home in run.ended or stored.finished,
                    root_id=stored.instance_id,
                )
            )
        expected = frozenset() if stored.finished else waits(run)
        if expected != run.waited:
            memory.waits(stored.instance_id, expected)
        incidents = (
            {} if stored.finished else {s.instance_id + s.element: s for s in run.stops.values() if s.is_incident}
        )
        for name, stop in run.incidents.items():
            if name not in incidents:
                memory.close_incident(stop.instance_id, stop.element)
        for name, stop in incidents.items():
            if run.incidents.get(name) != stop:
                memory.open_incident(stop.instance_id, stop.element, stop.problem or {}, stop.tries)
        self._save_jobs(run)

    def _save_jobs(self, run: Run) -> None:
        jobs = {} if run.stored.finished else run.jobs
        for job_id in run.jobbed - jobs.keys():
            self._memory.close_job(job_id)
        for job_id in jobs.keys() - run.jobbed:
            self._memory.open_job(steps.job_of(run, job_id))

    def _keep(self, run: Run) -> None:
        self._runs[run.stored.instance_id] = run

    def _awake(self, instance_id: str) -> Run:
        run = self._run(instance_id)
        if run.stored.suspended:
            raise Suspended
        return run

    def _running(self, instance_id: str) -> Run:
        run = self._run(instance_id)
        if run.stored.finished or all(home.instance_id != instance_id for home in run.homes()):
            raise AlreadyCompleted("the process instance has already ended")
        return run

    def _run(self, instance_id: str) -> Run:
        for run in self._runs.values():
            if any(home.instance_id == instance_id for home in run.homes()):
                return run
        stored = None if instance_id in self._moving else self._memory.load(instance_id)
        if instance_id in self._moving or (stored and stored.instance_id in self._moving):
            raise ExecutionFailed("a service may not move the instance that called it")
        if stored is None:
            raise NotFound(f"there is no process instance {instance_id!r}")
        if (held := self._runs.get(stored.instance_id)) is not None:
            return held
        process = self.by_id(stored.definition_id)
        if process is None:
            raise NotFound(f"the definition {stored.definition_id!r} is gone")
        run = Run(stored, Home(stored.instance_id, process, stored.business_key, {}), self._services, self._now())
        with self._meter.spending(stored.instance_id):
            state.load(run, self)
        self._keep(run)
        return run

    def _compiled(self, stored: StoredDefinition | None) -> Process | None:
        if stored is None:
            return None
        found = _PROCESSES.get(self._application, stored.definition.definition_id)
        return found or _PROCESSES.put(self._application, stored)


def _checked(variables: Mapping[str, Any]) -> dict[str, Any]:
    try:
        check(variables, "variables")
    except InvalidValue as error:
        raise InvalidVariables(str(error)) from error
    return dict(variables)
