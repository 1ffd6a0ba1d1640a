"""A process application: its engine, its services and its unit of work, as a developer embeds them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeAlias, TypeVar

from sqlalchemy.orm import Session

from domain.aggregates.advance import Origin
from domain.aggregates.task import OPEN, UserTask
from domain.identity import APPLICATION_NAME, Key, is_application_name
from domain.values import iso
from domain.wire import load
from engines.collecting import (
    Assigner,
    Collecting,
    Correlation,
    Enricher,
    Place,
    filtered,
    from_variables,
    name_filter,
)
from engines.protocol import Engine, Meter, Services, Unmetered
from engines.spiff.engine import SpiffEngine
from settings import Settings, current
from store.engine.instances import Instances
from store.events.unit_of_work import Store, UnitOfWork
from store.messaging.wakeups import Signals
from store.outbox.admission import OutboxGauge
from store.sql.database import Database
from tasks.data_entries import DataEntries, Projection
from tasks.task_publisher import TaskPublisher

Service = Callable[..., Mapping[str, Any] | None]
ServiceT = TypeVar("ServiceT", bound=Service)
EnricherT = TypeVar("EnricherT", bound=Enricher)
ProjectionT = TypeVar("ProjectionT", bound=Projection)
AssignerT = TypeVar("AssignerT", bound=Assigner)


@dataclass(frozen=True, slots=True)
class Work:
    """What application code holds while its unit of work is open."""

    unit: UnitOfWork
    engine: Engine
    data_entries: DataEntries
    """The business data that tasks are about."""
    tasks: TaskPublisher
    """Tasks that no engine made."""

    @property
    def session(self) -> Session:
        """The application's own tables, in the same transaction."""
        return self.unit.session

    def savepoint(self) -> Any:
        """A part that may fail alone: `with work.savepoint(): ...`."""
        return self.unit.savepoint()


TaskCompleted: TypeAlias = Callable[[Work, UserTask, Mapping[str, Any]], None]
CompletedT = TypeVar("CompletedT", bound=TaskCompleted)
LOOK_SECONDS = 0.2


class ProcessApplication:
    """One engine with the code its processes call; settings come from the environment unless given."""

    def __init__(self, name: str, settings: Settings | None = None) -> None:
        if not is_application_name(name):
            raise ValueError(f"an application cannot be called {name!r}; names match {APPLICATION_NAME}")
        self.name = name
        self._settings = settings
        self._services: dict[str, Service] = {}
        self._collecting = Collecting()
        self._projections: dict[str, Projection] = {}
        self._completed: list[TaskCompleted] = []
        self._store: Store | None = None
        self._meter: Meter = Unmetered()

    def service(self, name: str) -> Callable[[ServiceT], ServiceT]:
        """Register a quick function `(work, variables) -> new variables`, called inside the engine's transaction."""

        def register(function: ServiceT) -> ServiceT:
            self._services[name] = function
            return function

        return register

    def payload(
        self,
        *,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
        process: str | None = None,
        task: str | None = None,
    ) -> None:
        """Which variables are the payload of tasks: of one task, of a process, or of all; the most specific rule holds.

        Without a rule all are; `include=()` lets none through. Raises `ValueError` for a second rule for the same.
        """
        self._collecting.enrich(Place(process, task), filtered(name_filter(include, exclude)))

    def enricher(self, *, process: str | None = None, task: str | None = None) -> Callable[[EnricherT], EnricherT]:
        """Register a quick function `(task, variables) -> payload` in place of a filter."""

        def register(function: EnricherT) -> EnricherT:
            self._collecting.enrich(Place(process, task), function)
            return function

        return register

    def correlate(
        self,
        entry_type: str,
        variable: str,
        *,
        application: str | None = None,
        process: str | None = None,
        task: str | None = None,
    ) -> None:
        """Tasks are about the data entries of this type whose ids the variable, or a path as `customer.id`, holds.

        Several may be said of one variable and of one type, for one task, a process or all; all that hold are told.
        """
        self._collecting.correlate(Place(process, task), Correlation(entry_type, variable, application))

    def assign(
        self,
        *,
        assignee: str | None = None,
        candidate_users: str | None = None,
        candidate_groups: str | None = None,
        process: str | None = None,
        task: str | None = None,
    ) -> None:
        """The variables that say who a task is for, also while it waits; null leaves it to the model."""
        self._collecting.assign(Place(process, task), from_variables(assignee, candidate_users, candidate_groups))

    def assigner(self, *, process: str | None = None, task: str | None = None) -> Callable[[AssignerT], AssignerT]:
        """Register a quick function `(task, variables) -> Assignment` in place of variables."""

        def register(function: AssignerT) -> AssignerT:
            self._collecting.assign(Place(process, task), function)
            return function

        return register

    def form_url(self, template: str, *, process: str | None = None, task: str | None = None) -> None:
        """Where the forms of tasks are: `https://forms.example/{formKey}?task={id}`, for one task, a process or all.

        Names are those of `engines.collecting.FORM_URL_NAMES`; raises `ValueError` for others and for what is no
        address.
        """
        self._collecting.form_url(Place(process, task), template)

    def data_entry(self, entry_type: str) -> Callable[[ProjectionT], ProjectionT]:
        """Register a quick function `(entry_id, payload) -> fields` for entries of a type.

        It says their `type`, `name`, `description`, `state`, `correlations`, `form_key` and `form_url`, or some of
        these, wherever whoever saves one does not.
        """

        def register(function: ProjectionT) -> ProjectionT:
            self._projections[entry_type] = function
            return function

        return register

    def on_complete(self, function: CompletedT) -> CompletedT:
        """Register a quick function `(work, task, variables)` for tasks of `work.tasks` that a person completes.

        It is called in the transaction of the completion: if it fails, the task is not completed.
        """
        self._completed.append(function)
        return function

    def completed(self, unit: UnitOfWork, task: UserTask, variables: Mapping[str, Any]) -> None:
        """Tell those who asked that a person completes a task that no engine made."""
        work = self._work(unit, self.engine_of(unit))
        with unit.application_code():
            for function in self._completed:
                function(work, task, variables)

    def task(self, task_id: str) -> UserTask | None:
        """A task as it is now, by the engine's or the application's own id."""
        store = self._store or self._open()
        with store.begin(Origin(iso(store.now()))) as unit:
            head = unit.heads.peek(Key(self.name, "task", task_id))
        return load(UserTask, head.state) if head and head.state else None

    def wait_until_ended(self, task_id: str, seconds: float) -> UserTask | None:
        """Wait until a task is completed or deleted; None when it is not in time, or there is no such task."""
        deadline = monotonic() + seconds
        while True:
            found = self.task(task_id)
            if found is not None and found.state != OPEN:
                return found
            if monotonic() + LOOK_SECONDS > deadline:
                return None
            sleep(LOOK_SECONDS)

    def mirror_variables(
        self, *, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, process: str | None = None
    ) -> None:
        """Mirror process variables, an event for each that changes; without this none are. Task-local ones are not."""
        self._collecting.mirror(process, name_filter(include, exclude))

    @contextmanager
    def unit_of_work(self) -> Iterator[Work]:
        """One SQL transaction; raises what the engine or the store raises, and then nothing has happened."""
        store = self._store or self._open()
        with store.begin(Origin(iso(store.now()))) as unit:
            unit.admit()
            yield self._work(unit, self.engine_of(unit))

    def engine_of(self, unit: UnitOfWork) -> Engine:
        """The engine of this unit of work, the same one however often it is asked for."""
        known = unit.engines.get(self.name)
        if known is None:
            known = unit.engines[self.name] = self._new_engine(unit)
            unit.join(known)
        engine: Engine = known
        return engine

    def deploy(self, source: bytes) -> bool:
        """Deploy a BPMN file unless the very same is there; tells whether it did; raises `InvalidDefinition`."""
        with self.unit_of_work() as work:
            if Instances(work.unit.connection, self.name).deployed(source):
                return False
            work.engine.deploy(source)
            return True

    def use(self, store: Store, meter: Meter | None = None) -> None:
        """Work on this store, what a worker process has opened already, and say on the meter what the engine does."""
        self._store, self._meter = store, meter or Unmetered()

    def _open(self) -> Store:
        settings = self._settings or current()
        signals = Signals(settings.redis_url)
        database = Database(settings.database_url(self.name), self.name)
        gauge = OutboxGauge(settings.outbox_limit)
        self._store = Store(database, committed=partial(signals.wake, self.name), gauge=gauge)
        return self._store

    def _new_engine(self, unit: UnitOfWork) -> SpiffEngine:
        holder: list[Work] = []
        services = Services({name: _bound(function, holder) for name, function in self._services.items()})
        self._meter.begin(unit.origin.causation_id or "")
        memory = Instances(unit.connection, self.name)
        engine = SpiffEngine(
            self.name, memory, unit.collect, _now, services, meter=self._meter, collecting=self._collecting
        )
        holder.append(self._work(unit, engine))
        return engine

    def _work(self, unit: UnitOfWork, engine: Engine) -> Work:
        entries, tasks = DataEntries(unit, self.name, self._projections), TaskPublisher(unit, self.name)
        return Work(unit, engine, entries, tasks)


def _bound(function: Service, holder: list[Work]) -> Callable[[Mapping[str, Any]], Mapping[str, Any] | None]:
    def call(variables: Mapping[str, Any]) -> Mapping[str, Any] | None:
        with holder[0].unit.application_code():
            return function(holder[0], variables)

    return call


def _now() -> datetime:
    return datetime.now(UTC)
