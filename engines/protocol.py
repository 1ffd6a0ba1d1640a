"""The seam between us and any engine that runs inside our transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from domain.aggregates.process_definition import ProcessDefinition
from domain.aggregates.task import TaskCommand, UserTask
from domain.deployment import Deployed, FormFile, StartEvent, StoredDefinition, StoredInstance, Wait
from domain.engine_job import EngineJob
from domain.identity import Key

__all__ = [
    "PAUSES",
    "Collect",
    "Engine",
    "EngineJob",
    "EngineMemory",
    "FormFile",
    "Meter",
    "Services",
    "StartEvent",
    "StoredDefinition",
    "StoredInstance",
    "Unmetered",
    "Wait",
]

Collect = Callable[[Key, Any], None]
"""Called by an engine for every change: the aggregate it concerns and the domain command, such as `CreateTask`."""


PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 20))
"""How long to wait before what failed while nobody waits for it is tried again; after the last it is an incident."""


class Meter(Protocol):
    """Where an engine says what it is doing, for whoever watches how much a unit of work uses."""

    def begin(self, subject: str) -> None:
        """A unit of work begins; `subject` is the command it carries out, empty where there is none."""

    def spending(self, instance_id: str) -> AbstractContextManager[None]:
        """Until the block ends the engine is at work; waiting for locks is outside of it. "" where it reads files."""

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

    def latest(self, key: str) -> ProcessDefinition | None:
        """The newest version of a process."""

    def version(self, key: str, version: int) -> ProcessDefinition | None:
        """One version of a process."""

    def tagged(self, key: str, tag: str) -> ProcessDefinition | None:
        """The newest version of a process with this version tag."""

    def deployed_with(self, key: str, definition_id: str) -> ProcessDefinition | None:
        """A process of the file of this definition; the newest, where the file was deployed again."""

    def load(self, instance_id: str) -> StoredInstance | None:
        """Lock and read an instance; of one that was called, the instance it is saved with."""

    def save(self, instance: StoredInstance) -> None:
        """Insert (version 0) or update an instance; raises `ConcurrentUpdate` when its version has moved on.

        While something is owed to it, it stays due as it is.
        """

    def save_called(self, called: StoredInstance) -> None:
        """Insert or update what is known of an instance that is saved with another, its `root_id`."""

    def waits(self, root_id: str, waits: frozenset[Wait]) -> None:
        """Replace what a saved instance waits for."""

    def waiting(
        self, kind: str, name: str, business_key: str | None = None, instance_id: str | None = None
    ) -> Sequence[Wait]:
        """Who waits for a message or signal, the longest waiting first; of one business key, or one instance alone."""

    def owe(self, waits: Sequence[Wait], variables: Mapping[str, Any], now: str) -> None:
        """Keep what has come for these, whose saved instances are due `now` (ISO-8601 UTC) until it is taken."""

    def owed(self, root_id: str) -> Sequence[tuple[Wait, Mapping[str, Any]]]:
        """Take what is kept for a saved instance, in the order in which it came."""

    def starts(self, key: str, starts: Sequence[StartEvent]) -> None:
        """Replace what starts a process beside people."""

    def started_by(self, kind: str, name: str) -> Sequence[StartEvent]:
        """What a message or signal starts."""

    def save_decision(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep the DMN file of a decision as its next version: 1, 2, 3 … per decision; returns it."""

    def decision(self, key: str, version: int | None = None, tag: str | None = None) -> bytes | None:
        """The DMN file of a decision: of one version, of the newest with a tag, or of the newest."""

    def save_form(self, key: str, tag: str | None, source: bytes) -> int:
        """Keep the file of a form as its next version: 1, 2, 3 … per form; returns it."""

    def form(self, key: str, version: int | None = None, tag: str | None = None) -> FormFile | None:
        """The file of a form: of one version, of the newest with a tag, or of the newest."""

    def open_incident(
        self, instance_id: str, element: str, problem: Mapping[str, Any], tries: int, kind: str = "element"
    ) -> None:
        """Set an element, or its `job` of which the problem names the id, aside for operators, unless it is."""

    def open_incidents(self, instance_id: str) -> frozenset[str]:
        """The elements of an instance that are set aside and that nobody has decided about."""

    def close_incident(self, instance_id: str, element: str) -> None:
        """Nothing is to be decided about this element any more."""

    def rebind(self, instance_id: str, definition_id: str) -> None:
        """An instance is one of another version of its process from now on."""

    def open_job(self, job: EngineJob) -> None:
        """Insert a job, unless it is there."""

    def close_job(self, job_id: str) -> None:
        """Take a job away; one that is not there is ignored."""


class Engine(Protocol):
    """One unit of work with an engine. Everything is in memory until `flush`; nothing is sent anywhere."""

    def deploy(self, *sources: bytes, strict: bool = False, tenant: str | None = None) -> Deployed:
        """Parse, store and register every executable process of BPMN files, and every decision of DMN files.

        Processes are of the first tenant that is said of their key; one that is another's cannot be deployed.
        Raises `InvalidDefinition` with element, reason and line; where `strict`, also for what is only warned of.
        """

    def start(
        self,
        key: str,
        variables: Mapping[str, Any],
        business_key: str | None = None,
        user: str | None = None,
        tenant: str | None = None,
    ) -> str:
        """Start the newest version and run to its first wait states; returns the instance id; raises `NotFound`.

        The instance, what it calls and its tasks are of the tenant of the process; of everybody's, of the one that is
        said here.
        """

    def start_at(
        self,
        definition_id: str,
        element: str,
        variables: Mapping[str, Any],
        business_key: str | None = None,
        tenant: str | None = None,
    ) -> str:
        """Start one version at a start event, of a tenant as by `start`; returns the instance id; raises `NotFound`."""

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

    def signal(self, name: str, variables: Mapping[str, Any] | None = None) -> Mapping[str, list[str]]:
        """Give a signal to all who wait for it and start what it starts; returns `{processInstanceIds, started}`."""

    def set_variables(self, instance_id: str, variables: Mapping[str, Any], removed: Sequence[str] = ()) -> None:
        """Change variables of an instance, which may let it go on; raises `NotFound`, `AlreadyCompleted`."""

    def move(
        self, instance_id: str, from_element: str, to_element: str | None = None, reason: str | None = None
    ) -> None:
        """End what is at an element and begin before another, or behind it: None. Raises `CannotMove`, `NotFound`."""

    def migrate(self, instance_id: str, definition_id: str, *, dry_run: bool = False) -> Sequence[str]:
        """Make an instance one of another version of its process, or say why that cannot be; open tasks stay.

        Raises `NotFound`, `AlreadyCompleted`, and `CannotMigrate` where it is another process.
        """

    def finish_job(
        self, instance_id: str, job_id: str, variables: Mapping[str, Any], local_variables: Mapping[str, Any]
    ) -> None:
        """Go on behind an element whose job is done; raises `AlreadyCompleted`, `NotFound`."""

    def raise_error(
        self, instance_id: str, job_id: str, code: str, message: str | None, variables: Mapping[str, Any]
    ) -> None:
        """Raise a BPMN error at an element whose job says so; raises `AlreadyCompleted`, `NotFound`."""

    def fail_job(self, instance_id: str, job_id: str, problem: Mapping[str, Any], tries: int) -> None:
        """A job has failed for good: operators are told; raises `AlreadyCompleted`, `NotFound`."""

    def job_variables(self, instance_id: str, job_id: str) -> Mapping[str, Any]:
        """The variables that the element of a job sees; raises `AlreadyCompleted`, `NotFound`."""

    def hears(self, definition_id: str, element: str) -> bool:
        """Whether the model does something when a user task of this element is changed, as by `change`."""

    def change(self, instance_id: str, task: UserTask, commands: Sequence[TaskCommand]) -> None:
        """People change a ready user task: say so, and tell its listeners; raises `AlreadyCompleted`, `NotFound`.

        `task` is what it was before. What listeners fail with is told to operators.
        """

    def complete(
        self, instance_id: str, task_id: str, variables: Mapping[str, Any], held: UserTask | None = None
    ) -> None:
        """Complete a ready user task and run on; raises `AlreadyCompleted` when the task is not ready.

        `held` is the task as people see it, for what its listeners ask of it.
        """

    def form_values(self, instance_id: str, task_id: str) -> Mapping[str, Any]:
        """What the fields of a ready user task's form have now; raises `AlreadyCompleted` when it is not ready."""

    def hold(self, instance_id: str) -> None:
        """Lock an instance and load it, ahead of acting on it; an unknown one is ignored."""

    def fire_timers(self, instance_id: str) -> None:
        """Run whatever timers of the instance are due."""

    def announce(self, instance_id: str, is_told: Callable[[str], bool]) -> None:
        """Say again what waits for people in an instance, which changes nothing in it; raises `NotFound`.

        `is_told`: whether a task of a process that is left out was told before it was.
        """

    def cancel(self, instance_id: str, reason: str | None) -> None:
        """End an instance; its open tasks are deleted."""

    def flush(self) -> None:
        """Save every instance touched; called once, just before the transaction's events are decided."""

    def touched(self) -> frozenset[str]:
        """The instances held in memory now."""

    def forget(self, instance_ids: frozenset[str]) -> None:
        """Drop instances from memory unsaved: their savepoint was rolled back."""


@dataclass(frozen=True, slots=True)
class Services:
    """Quick functions a service task may call inside the transaction, by name: `(variables) -> new variables or None`.

    Where `lenient`, services that are not registered and scripts that cannot be run are skipped with a warning, and
    `undecided` says of an element and its condition whether it holds where that cannot be told.
    `jobs` are names of what is done outside of the transaction, while the service task waits.
    """

    by_name: Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any] | None]] = field(default_factory=dict)
    lenient: bool = False
    jobs: frozenset[str] = frozenset()
    """Names of slow or outside work that is done as jobs."""
    decision: Callable[[str, int | None, str | None], bytes | None] = lambda _key, _version, _tag: None
    """Where decisions are, as `EngineMemory.decision`."""
    form: Callable[[str, int | None, str | None], FormFile | None] = lambda _key, _version, _tag: None
    """Where forms are, as `EngineMemory.form`."""
    savepoint: Callable[[], AbstractContextManager[Any]] = nullcontext
    """A part of the transaction that may fail alone."""
    undecided: Callable[[str, str], bool] = lambda _element, _condition: False
