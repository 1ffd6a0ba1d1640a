"""The instances that one unit of work holds: loaded once, saved once, and not held while they move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from domain.errors import AlreadyCompleted, ExecutionFailed, NotFound, Suspended
from engines.protocol import EngineMemory, Meter, Services, StoredInstance
from engines.spiff import state
from engines.spiff.definitions import Definitions
from engines.spiff.events import waits
from engines.spiff.jobs import job_of
from engines.spiff.run import Home, Run


class Runs:
    """By the id of the saved instance."""

    def __init__(
        self,
        memory: EngineMemory,
        definitions: Definitions,
        services: Services,
        now: Callable[[], datetime],
        meter: Meter,
    ) -> None:
        self._memory = memory
        self._definitions = definitions
        self._services = services
        self._now = now
        self._meter = meter
        self._runs: dict[str, Run] = {}
        self._moving: set[str] = set()

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs.values())

    @property
    def busy(self) -> frozenset[str]:
        """Those of which the memory does not know the newest."""
        return frozenset(self._runs) | self._moving

    @contextmanager
    def moving(self, run: Run) -> Iterator[None]:
        """While it moves the instance is not held: if that fails, what is left of it in memory is worth nothing."""
        instance_id = run.stored.instance_id
        self._runs.pop(instance_id, None)
        self._moving.add(instance_id)
        try:
            yield
        finally:
            self._moving.discard(instance_id)

    def keep(self, run: Run) -> None:
        """Hold one until it is saved."""
        self._runs[run.stored.instance_id] = run

    def awake(self, instance_id: str) -> Run:
        """One that may move; raises `Suspended`, and as `find`."""
        run = self.find(instance_id)
        if run.stored.suspended:
            raise Suspended
        return run

    def running(self, instance_id: str) -> Run:
        """One that has not ended; raises `AlreadyCompleted`, and as `find`."""
        run = self.find(instance_id)
        if run.stored.finished or all(home.instance_id != instance_id for home in run.homes()):
            raise AlreadyCompleted("the process instance has already ended")
        return run

    def find(self, instance_id: str) -> Run:
        """The saved instance that this one is, or is part of, locked; raises `NotFound`, `ExecutionFailed`."""
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
        process = self._definitions.by_id(stored.definition_id)
        if process is None:
            raise NotFound(f"the definition {stored.definition_id!r} is gone")
        run = Run(stored, Home(stored.instance_id, process, stored.business_key, {}), self._services, self._now())
        with self._meter.spending(stored.instance_id):
            state.load(run, self._definitions)
        self.keep(run)
        return run

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

    def _save(self, run: Run) -> None:
        memory, stored = self._memory, run.stored
        with self._meter.spending(stored.instance_id):
            saved = state.dump(run)
        memory.save(saved)
        ended = {home.instance_id for home in run.ended}
        for home in {home.instance_id: home for home in (*run.begun, *run.ended)}.values():
            memory.save_called(
                StoredInstance(
                    *(home.instance_id, home.process.definition.definition_id, home.business_key, stored.start_user),
                    state=state.CALLED,
                    finished=home.instance_id in ended or stored.finished,
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
            self._memory.open_job(job_of(run, job_id))
