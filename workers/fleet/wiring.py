"""What each worker process opens, from its settings: the composition root."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from threading import Event
from typing import Any
from uuid import uuid4

from billiard.process import current_process  # type: ignore[import-untyped]
from billiard.util import get_logger  # type: ignore[import-untyped]
from celery import Celery
from kombu.exceptions import KombuError

from domain.errors import BrokerUnavailable
from domain.senders import Senders
from engines.protocol import Meter, Unmetered
from engines.spiff.saved import job_variables
from observe import logs, metrics
from observe.garbage import collect_seldom
from settings import HOSTED, PROJECTOR_USER, InvalidSetting, Settings, home_of
from store.engine.overruns import Overruns
from store.engine.received import prepare_received
from store.events.unit_of_work import Store
from store.messaging.dead_letters import DeadLetters
from store.messaging.exchange import EventExchange
from store.messaging.log_pages import LogSender
from store.messaging.signing import Verifier, public_key_of
from store.messaging.topology import COMMANDS
from store.messaging.users import user_in
from store.messaging.wakeups import Signals
from store.outbox.admission import OutboxGauge
from store.outbox.lanes import LOCK_SECONDS, Leases, prepare_lanes
from store.people.left import LeftByPeople
from store.people.operator_acts import OperatorActs
from store.personal.cipher import Keyring
from store.retention.documents import ViewCleaning
from store.retention.rows import CleanerLease
from store.sql.database import Database
from store.sql.databases import ApplicationDatabases
from store.views.embedding import Documents
from store.views.writer import Views, connect
from tasks import runtime
from tasks.application import ProcessApplication
from tasks.carry_out import Executor
from tasks.erase import Eraser
from tasks.operate.clean import LEASE_SECONDS, Cleaner
from tasks.publish import Publisher
from tasks.repair.settle import Settler
from tasks.run_jobs import JobRunner
from tasks.runtime import Runtime
from tasks.spread import Spreader
from tasks.timers import Timers
from workers.fleet.budget import Board, Watch
from workers.roles import PROCESS

log = logging.getLogger(__name__)

_stop = Event()
_pool: list[Any] = []
"""In the parent of a pool and its children: the board they share, and the watch over them."""


def announce() -> None:
    """Log as all processes do, and count this life of the process; called once, as early as can be."""
    process = os.environ.get(PROCESS, "")
    logs.configure(process)
    logs.tell_of_crashes()
    metrics.starts.labels(metrics.PROCESS).inc()
    log.info("process_started", extra={"pid": os.getpid()})


def sign_of_life() -> Callable[[], None]:
    """What a process calls while it works: readiness looks at how long ago that was."""
    return (home_of(os.environ) / "run" / f"{os.environ.get(PROCESS, 'worker')}.alive").touch


def open_worker(celery: Celery, pool: object, children: int) -> None:
    """Open what this worker's jobs need, or prepare a pool of processes that each open it for themselves."""
    settings = Settings.from_env(os.environ)
    application = os.environ["TASKPOOL_APPLICATION"]
    database = prepared_database(settings, application)
    if "prefork" not in str(pool):
        _open_jobs(celery, settings, database, Unmetered(), _stop)
        return
    database.close()
    if application != HOSTED:
        # Its code is read once, before the children that share it.
        import_module(settings.module_of(application).partition(":")[0])
    _pool.append(Board(children))
    _pool.append(Watch(_pool[0], settings.budget, overruns_of(settings, application), application))
    collect_seldom()


def open_child(celery: Celery) -> None:
    """Open what the jobs of one child of a pool need; called once, after its fork. Nothing here waits for a server."""
    number = current_process().index
    metrics.count_as_child(number)
    board: Board = _pool[0]
    slot = board.slot(number)
    slot.take()
    settings = Settings.from_env(os.environ)
    application = os.environ["TASKPOOL_APPLICATION"]
    _open_jobs(celery, settings, Database(settings.database_url(application), application), slot, board)


def watch_children() -> None:
    """End what exceeds its budget from now on; called when the pool has its first children."""
    # The pool speaks through a logger that it cuts off from all others when it makes it, at its start.
    get_logger().propagate = True
    for watch in _pool[1:]:
        watch.start()


def show_life(alive: Callable[[], None]) -> None:
    """Give the sign of life, unless a unit of work goes on and on."""
    if all(watch.is_well() for watch in _pool[1:]):
        alive()


def verifier_for(settings: Settings) -> Verifier:
    """Whose commands this system's engines believe."""
    own = [public_key_of(settings.signing_key)] if settings.signing_key else []
    return Verifier([*own, *settings.verifying_keys])


def overruns_of(settings: Settings, application: str) -> Overruns:
    """The notes about one application."""
    return Overruns(settings.home / "run" / "overruns" / application)


def _open_jobs(celery: Celery, settings: Settings, database: Database, meter: Meter, stop: Event | Board) -> None:
    application = os.environ["TASKPOOL_APPLICATION"]
    signals = Signals(settings.redis_url)
    gauge = OutboxGauge(settings.outbox_limit)
    store = Store(database, committed=partial(signals.wake, application), gauge=gauge)
    owner = process_application(settings, application, store, meter)
    engine_of = owner.engine_of if owner else None
    overruns = overruns_of(settings, application)
    opened = Runtime(
        executor=Executor(
            *(store.begin, engine_of, _now, overruns, verifier_for(settings)),
            completed=owner.completed if owner else None,
            pause=stop.wait,
            meter=meter,
        ),
        timers=Timers(database, store.begin, engine_of, _now, overruns) if engine_of else None,
        jobs=_job_runner(database, store, owner, overruns) if owner else None,
        publisher=publisher_for(settings, application, signals),
        stop=stop,
        submit_successor=successor_of(celery, application),
        database=database,
        log_sender=partial(LogSender, settings.application_amqp_url(application)),
        cleaner=_cleaner(settings, application, database),
        settler=_settler(settings, signals),
        spreader=Spreader(Views(_views(settings)) if application == HOSTED else None),
        eraser=Eraser(store, owner.personal_of if owner else None),
    )
    runtime.use(opened)
    collect_seldom()


def prepared_database(settings: Settings, application: str) -> Database:
    """The application's database with its schema up to date."""
    database = Database(settings.database_url(application), application)
    database.migrate()
    prepare_lanes(database)
    with database.transaction() as connection:
        prepare_received(connection)
    return database


def process_application(
    settings: Settings, application: str, store: Store, meter: Meter | None = None
) -> ProcessApplication | None:
    """The application's own code, by its `module:attribute`; the host has none."""
    if application == HOSTED:
        return None
    module, _, attribute = settings.module_of(application).partition(":")
    found: ProcessApplication = getattr(import_module(module), attribute)
    if found.keeps_personal_data and not settings.personal_keys:
        raise InvalidSetting(
            f"{application} declares personal data; set TASKPOOL_PERSONAL_KEYS to what `openssl rand -base64 32` prints"
        )
    found.use(store, meter, Keyring(settings.personal_keys))
    return found


def publisher_for(settings: Settings, application: str, signals: Signals) -> Publisher:
    """Its database is opened once more: it waits for locks only as long as its leases allow."""
    database = Database(settings.database_url(application), application, LOCK_SECONDS)
    name = f"{os.environ.get('TASKPOOL_PROCESS') or f'publisher.{application}'}@{socket.gethostname()}"
    leases = Leases(database, f"{name[:40]}#{uuid4().hex}")
    exchange = EventExchange(settings.application_amqp_url(application))
    publisher = Publisher(database, exchange, leases, signals.listen(application), sign_of_life())
    exchange.meanwhile = publisher.keep_leases
    return publisher


def senders_of(settings: Settings) -> Senders:
    """Who may speak for whom in this system."""
    return Senders(user_in(settings.amqp_url), frozenset(settings.applications), HOSTED)


def submit_first(celery: Celery) -> None:
    """A publisher's worker starts publishing at once, without waiting for beat."""
    if os.environ.get("TASKPOOL_PROCESS", "").startswith("publisher."):
        try:
            successor_of(celery, os.environ["TASKPOOL_APPLICATION"])()
        except BrokerUnavailable as error:
            log.warning("first_not_submitted", extra={"reason": str(error)})


def successor_of(celery: Celery, application: str) -> Callable[[], None]:
    """What submits the next slice of an application's publisher, unless we stop; raises `BrokerUnavailable`."""

    def submit() -> None:
        if _stop.is_set():
            return
        queue, bounded = f"publisher.{application}", {"read_timeout": 2, "write_timeout": 2}
        try:
            # A connection of its own: one from the pool may be broken by now, and waits for a silent broker for ever.
            with celery.connection_for_write(connect_timeout=2, transport_options=bounded) as connection:
                options = {"connection": connection, "retry": False, "confirm_timeout": 2}
                celery.send_task("taskpool.publish", exchange=COMMANDS.name, routing_key=queue, **options)
        except (KombuError, OSError) as error:
            raise BrokerUnavailable(str(error)) from error

    return submit


def stop_working() -> None:
    """Make long jobs end soon."""
    _stop.set()
    for board in _pool[:1]:
        board.set()


def close_worker() -> None:
    """Hand leases back and close connections; the parent of a pool has none."""
    if not runtime.is_open():
        return
    opened = runtime.current()
    try:
        opened.publisher.leases.release()
    except Exception:  # noqa: BLE001 - on the way out; the leases pass by themselves
        log.warning("leases_not_released")
    opened.publisher.database.close()
    opened.settler.close()
    opened.database.close()
    runtime.close()


def _job_runner(database: Database, store: Store, owner: ProcessApplication, overruns: Overruns) -> JobRunner:
    """Each process has a name of its own, so that it knows what it has taken."""
    name = f"{socket.gethostname()[:40]}#{uuid4().hex}"
    return JobRunner(database, store.begin, owner.engine_of, owner.jobs, job_variables, _now, name, overruns)


def _cleaner(settings: Settings, application: str, database: Database) -> Cleaner:
    """Each store is cleaned by a worker of its own; the views and the dead letters belong to the host's."""
    views = _view_cleaning(settings) if application == HOSTED else None
    letters = DeadLetters(settings.amqp_url) if application == HOSTED else None
    acts = OperatorActs(_views(settings)) if application == HOSTED else None
    lease = CleanerLease(database, f"{socket.gethostname()}#{uuid4().hex}", LEASE_SECONDS)
    return Cleaner(database, views, letters, settings.retention, lease, _now, acts=acts)


def _view_cleaning(settings: Settings) -> ViewCleaning:
    documents = _views(settings)
    return ViewCleaning(documents, forget_tasks=LeftByPeople(documents).forget_tasks)


def _views(settings: Settings) -> Documents:
    return connect(settings.views_url(PROJECTOR_USER), settings.mongo_database)


def _settler(settings: Settings, signals: Signals) -> Settler:
    databases = ApplicationDatabases(settings.database_url, (*settings.applications, HOSTED))
    return Settler(DeadLetters(settings.amqp_url), databases, signals.wake, _now, verifier_for(settings))


def _now() -> datetime:
    return datetime.now(UTC)
