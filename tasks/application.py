"""A process application: its engine, its services and its unit of work, as a developer embeds them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from typing import Any, TypeAlias, TypeVar

from sqlalchemy.orm import Session

from domain.access import tenant_named
from domain.aggregates.advance import Origin
from domain.aggregates.data_subject import DataSubject, EraseSubject
from domain.aggregates.process_definition import RegisterDefinition
from domain.aggregates.task import OPEN, UserTask
from domain.identity import APPLICATION_NAME, Key, is_application_name
from domain.personal import Personal, opened
from domain.values import iso
from domain.wire import dump, load
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
from store.personal.cipher import Keyring
from store.personal.subjects import Subjects
from store.sql.database import Database
from tasks.data_entries import DataEntries, Projection
from tasks.job_code import JobCode, JobFunction
from tasks.sealed_entries import SealedEntries
from tasks.task_publisher import TaskPublisher

log = logging.getLogger(__name__)

Service = Callable[..., Mapping[str, Any] | None]
ServiceT = TypeVar("ServiceT", bound=Service)
EnricherT = TypeVar("EnricherT", bound=Enricher)
ProjectionT = TypeVar("ProjectionT", bound=Projection)
JobT = TypeVar("JobT", bound=JobFunction)
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
    subjects: Subjects
    """The people data is about, with their keys."""

    @property
    def session(self) -> Session:
        """The application's own tables, in the same transaction."""
        return self.unit.session

    def erase(self, subject: str) -> None:
        """Destroy the key of this person, with the commit for good.

        What was sealed with it is unreadable everywhere from then on, and overwritten in views, histories and the
        variables of instances within a minute or so; until then, what is said of the person is erased, too. The
        application's own tables are its own to change.
        """
        gone = self.subjects.destroy(subject)
        self.unit.collect(gone.key, EraseSubject(DataSubject(gone.key_id, gone.application)))

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
        self.jobs: dict[str, JobCode] = {}
        self._collecting = Collecting()
        self._projections: dict[str, Projection] = {}
        self._personal_entries: dict[str, list[Personal]] = {}
        self._left_out: frozenset[str] = frozenset()
        self._completed: list[TaskCompleted] = []
        self._store: Store | None = None
        self._meter: Meter = Unmetered()
        self._keyring: Keyring | None = None

    def service(self, name: str) -> Callable[[ServiceT], ServiceT]:
        """Register a quick function `(work, variables) -> new variables`, called inside the engine's transaction."""

        def register(function: ServiceT) -> ServiceT:
            self._services[name] = function
            return function

        return register

    def job(self, name: str, *, retries: int = 3, backoff: float = 10.0) -> Callable[[JobT], JobT]:
        """Register slow or outside work, `(job, variables) -> new variables or None`, for service tasks of this name.

        It is called in no transaction, at least once; its result has its effect once. It is tried `retries` times
        altogether, the first time again after `backoff` seconds, and then is an incident. `BpmnError` is for the model.
        """
        if retries < 1 or backoff < 0 or name in self._services:
            raise ValueError(f"{name!r}: a job is tried at least once, waits 0 seconds or longer, and is no service")

        def register(function: JobT) -> JobT:
            self.jobs[name] = JobCode(function, retries, backoff)
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
        tenant: str | None = None,
        excluded_users: str | None = None,
        process: str | None = None,
        task: str | None = None,
    ) -> None:
        """The variables that say who a task is for and who may not do it, also while it waits, and its first tenant.

        Null leaves it to the model.
        """
        assigner = from_variables(assignee, candidate_users, candidate_groups, tenant, excluded_users)
        self._collecting.assign(Place(process, task), assigner)

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

    def personal(self, *paths: str, subject: str, process: str | None = None, entry_type: str | None = None) -> None:
        """These are personal data of whom `subject` names: in log and exchange only with a key of that person.

        Paths are of variables, and so of payloads, of a process or of all; or, with an entry type, of the payload of
        its entries, and `name` and `description` then are those of the entry. Dots lead into objects and lists; where
        `subject` begins with the same names, it is looked for beside. What names nobody is of its instance or entry.
        See `Work.erase`. Raises `ValueError` for a path that is none, and for both a process and an entry type.
        """
        if process is not None and entry_type is not None:
            raise ValueError("say the process of variables or the type of entries, not both")
        for path in paths:
            rule = Personal.of(path, subject)
            if entry_type is None:
                self._collecting.personal(process, rule)
            else:
                self._personal_entries.setdefault(entry_type, []).append(rule)

    @property
    def keeps_personal_data(self) -> bool:
        """Whether any is declared."""
        return self._collecting.keeps_personal_data or bool(self._personal_entries)

    def personal_of(self, process: str) -> list[Personal]:
        """What is personal data in the variables of a process."""
        return self._collecting.personal_of(process)

    def collect(
        self,
        *,
        definitions: bool = True,
        instances: bool = True,
        include: Iterable[str] | None = None,
        exclude: Iterable[str] | None = None,
    ) -> None:
        """Which changes of the engine are told beside its tasks, and of which processes, by their keys, any are.

        Without definitions nobody can start a process from a list, without instances nobody sees how one goes on; see
        `mirror_variables` for those of variables. Of a process that is left out nothing new is told: no definition, no
        instance, none of its variables and no task, so that it can have none for people. What was told before is told
        to its end. Raises `ValueError` for both `include` and `exclude`.
        """
        self._collecting = replace(self._collecting, tells=name_filter(include, exclude))
        told = {"process_definition": definitions, "process_instance": instances}
        self._left_out = frozenset(aggregate for aggregate, is_told in told.items() if not is_told)

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
        whole = load(UserTask, opened(dump(task), work.subjects.open)) if self.keeps_personal_data else task
        with unit.application_code():
            for function in self._completed:
                function(work, whole, variables)

    def task(self, task_id: str) -> UserTask | None:
        """A task as it is now, by the engine's or the application's own id."""
        store = self._store or self._open()
        with store.begin(Origin(iso(store.now()))) as unit:
            head = unit.heads.peek(Key(self.name, "task", task_id))
            return load(UserTask, opened(head.state, self._subjects(unit).open)) if head and head.state else None

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

    def deploy(self, source: bytes, *, tenant: str | None = None) -> bool:
        """Deploy a BPMN or DMN file unless the very same is there; tells whether it did; raises `InvalidDefinition`.

        Of a tenant, for good the first that is said, its processes exist for its people only.
        """
        tenant = tenant_named(tenant)
        with self.unit_of_work() as work:
            if Instances(work.unit.connection, self.name).deployed(source, tenant):
                return False
            told = work.engine.deploy(source, tenant=tenant)
        for warned in told.warnings:
            facts = {"application": self.name, "element": warned.element, "line": warned.line}
            log.warning("deployment_warning", extra={**facts, "reason": warned.text, "remedy": warned.remedy})
        return True

    def use(self, store: Store, meter: Meter | None = None, keyring: Keyring | None = None) -> None:
        """Work on this store, what a worker process has opened already, and say on the meter what the engine does."""
        self._store, self._meter, self._keyring = store, meter or Unmetered(), keyring

    def _open(self) -> Store:
        settings = self._settings or current()
        signals = Signals(settings.redis_url)
        database = Database(settings.database_url(self.name), self.name)
        gauge = OutboxGauge(settings.outbox_limit)
        self._store = Store(database, committed=partial(signals.wake, self.name), gauge=gauge)
        return self._store

    def _new_engine(self, unit: UnitOfWork) -> SpiffEngine:
        holder: list[Work] = []
        bound = {name: _bound(function, holder) for name, function in self._services.items()}
        services = Services(bound, jobs=frozenset(self.jobs), savepoint=unit.savepoint)
        self._meter.begin(unit.origin.causation_id or "")
        memory = Instances(unit.connection, self.name)
        collecting = self._collecting.within(self._subjects(unit).seal)
        told = partial(_collect, unit, self._left_out, collecting)
        engine = SpiffEngine(self.name, memory, told, _now, services, meter=self._meter, collecting=collecting)
        holder.append(self._work(unit, engine))
        return engine

    def _work(self, unit: UnitOfWork, engine: Engine) -> Work:
        subjects = self._subjects(unit)
        sealing = SealedEntries(unit, self.name, self._personal_entries, subjects) if self._personal_entries else None
        entries = DataEntries(unit, self.name, self._projections, sealing)
        publisher = TaskPublisher(unit, self.name, self._collecting.within(subjects.seal))
        return Work(unit, engine, entries, publisher, subjects)

    def _subjects(self, unit: UnitOfWork) -> Subjects:
        """Those of this unit of work, the same however often they are asked for."""
        known: Subjects | None = unit.subjects.get(self.name)
        if known is None:
            known = unit.subjects[self.name] = Subjects(unit.connection, self.name, self._keys())
            unit.join(known)
        return known

    def _keys(self) -> Keyring:
        if self._keyring is None:
            self._keyring = Keyring((self._settings or current()).personal_keys if self.keeps_personal_data else ())
        return self._keyring


def _collect(unit: UnitOfWork, left_out: Collection[str], collecting: Collecting, key: Key, command: Any) -> None:
    is_told = not isinstance(command, RegisterDefinition) or collecting.tells(command.definition.key)
    if is_told and key.aggregate not in left_out:
        unit.collect(key, command)


def _bound(function: Service, holder: list[Work]) -> Callable[[Mapping[str, Any]], Mapping[str, Any] | None]:
    def call(variables: Mapping[str, Any]) -> Mapping[str, Any] | None:
        with holder[0].unit.application_code():
            return function(holder[0], variables)

    return call


def _now() -> datetime:
    return datetime.now(UTC)
