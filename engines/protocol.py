"""The seam between us and any engine that runs inside our transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.aggregates.process_definition import ProcessDefinition
from domain.deployment import StoredDefinition, StoredInstance
from domain.engine_job import EngineJob
from domain.identity import Key

__all__ = [
    "Collect",
    "Engine",
    "EngineJob",
    "EngineMemory",
    "Meter",
    "Services",
    "StoredDefinition",
    "StoredInstance",
    "Unmetered",
]

Collect = Callable[[Key, Any], None]
"""Called by an engine for every change: the aggregate it concerns and the domain command, such as `CreateTask`."""


class Meter(Protocol):
    """Where an engine says what it is doing, for whoever watches how much a unit of work uses."""

    def begin(self, subject: str) -> None:
        """A unit of work begins; `subject` is the command it carries out, empty where there is none."""

    def spending(self, instance_id: str) -> AbstractContextManager[None]:
        """Until the block ends the engine is at work; waiting for locks is outside of it."""

    def at(self, element: str) -> None:
        """Which BPMN element runs next."""


class Unmetered:
    """Nobody watches."""

    def begin(self, subject: str) -> None:
        """Nothing to do."""

    @contextmanager
    def spending(self, _instance_id: str) -> Iterator[None]:
        """Nothing to do."""
        yield

    def at(self, element: str) -> None:
        """Nothing to do."""


class EngineMemory(Protocol):
    """What an engine remembers, inside the caller's transaction; it never commits."""

    def next_version(self, key: str) -> int:
        """Count deployments of this process key: the next one is version 1, 2, 3 and so on."""

    def save_definition(self, definition: StoredDefinition) -> None:
        """Keep a new definition."""

    def definition(self, definition_id: str) -> StoredDefinition | None:
        """A definition by its id."""

    def latest(self, key: str) -> StoredDefinition | None:
        """The newest version of a process."""

    def load(self, instance_id: str) -> StoredInstance | None:
        """Lock and read an instance."""

    def save(self, instance: StoredInstance) -> None:
        """Insert (version 0) or update an instance; raises `ConcurrentUpdate` when its version has moved on."""

    def open_job(self, job: EngineJob) -> None:
        """Somebody else has something to do; one that is known already stays as it is."""

    def close_job(self, job_id: str) -> None:
        """It is done or no longer wanted; an unknown one is ignored."""

    def open_incident(
        self, instance_id: str, kind: str, element: str | None, problem: Mapping[str, Any], tries: int
    ) -> bool:
        """Set aside what failed for good, for operators; whether it was not set aside already."""


class Engine(Protocol):
    """One unit of work with an engine. Everything is in memory until `flush`; nothing is sent anywhere."""

    def deploy(self, source: bytes) -> Sequence[ProcessDefinition]:
        """Parse, store and register every executable process; raises `InvalidDefinition` with reason and line."""

    def start(
        self, key: str, variables: Mapping[str, Any], business_key: str | None = None, user: str | None = None
    ) -> str:
        """Start the newest version and run to its first wait states; returns the instance id; raises `NotFound`."""

    def complete(self, instance_id: str, task_id: str, variables: Mapping[str, Any]) -> None:
        """Complete a ready user task and run on; raises `AlreadyCompleted` when the task is not ready."""

    def hold(self, instance_id: str) -> None:
        """Lock an instance and load it, ahead of acting on it; an unknown one is ignored."""

    def fire_timers(self, instance_id: str) -> None:
        """Run whatever timers of the instance are due."""

    def announce(self, instance_id: str) -> None:
        """Say again what waits for people in an instance, which changes nothing in it; raises `NotFound`."""

    def cancel(self, instance_id: str, reason: str | None) -> None:
        """End an instance; its open tasks are deleted."""

    def job_variables(self, instance_id: str, job_id: str) -> Mapping[str, Any]:
        """The variables visible at the element that waits for this job; raises as `finish_job`."""

    def finish_job(
        self, instance_id: str, job_id: str, variables: Mapping[str, Any], local_variables: Mapping[str, Any]
    ) -> None:
        """The job is done: run on; raises `NotFound`, or `AlreadyCompleted` when nothing waits for it any more."""

    def raise_error(
        self, instance_id: str, job_id: str, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        """The job ends with a BPMN error, which the model may catch; raises as `finish_job`."""

    def fail_job(self, instance_id: str, job_id: str, problem: Mapping[str, Any], tries: int) -> None:
        """The job has failed for good: it waits, and there is an incident; raises as `finish_job`."""

    def flush(self) -> None:
        """Save every instance touched; called once, just before the transaction's events are decided."""

    def touched(self) -> frozenset[str]:
        """The instances held in memory now."""

    def forget(self, instance_ids: frozenset[str]) -> None:
        """Drop instances from memory unsaved: their savepoint was rolled back."""


@dataclass(frozen=True, slots=True)
class Services:
    """Quick functions a service task may call inside the transaction, by name: `(variables) -> new variables or None`.

    Where `lenient`, services that are not registered and scripts that cannot be run are skipped with a warning.
    `jobs` are names of what is done outside of the transaction, while the service task waits.
    """

    by_name: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any] | None]] = field(default_factory=dict)
    lenient: bool = False
    jobs: frozenset[str] = frozenset()
