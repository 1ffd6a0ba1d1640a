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
from uuid import uuid4

from celery import Celery
from kombu.exceptions import KombuError

from settings import HOSTED, Settings
from store.application_databases import ApplicationDatabases
from store.cleaning import CleanerLease
from store.database import Database
from store.dead_letters import DeadLetters
from store.exchange import EventExchange
from store.lanes import Leases, prepare_lanes
from store.pressure import OutboxGauge
from store.received import prepare_received
from store.signals import Signals
from store.topology import COMMANDS
from store.unit_of_work import Store
from store.view_cleaning import ViewCleaning
from store.views import connect
from tasks import runtime
from tasks.application import ProcessApplication
from tasks.carry_out import Executor
from tasks.clean import LEASE_SECONDS, Cleaner
from tasks.publish import Publisher
from tasks.settle import Settler

log = logging.getLogger(__name__)

_stop = Event()


def configure_logging() -> None:
    """One line per change of state, to standard error, where the supervisor keeps it."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", force=True)
    # Ticks come every second: a line for each would bury what matters.
    for noisy in (
        "amqp",
        "kombu",
        "pika",
        "pymongo",
        "spiff",
        "celery.worker.strategy",
        "celery.app.trace",
        "celery.beat",
    ):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def open_worker(celery: Celery) -> None:
    """Open what this worker's jobs need; called once, after any fork."""
    settings = Settings.from_env(os.environ)
    application = os.environ["TASKPOOL_APPLICATION"]
    signals = Signals(settings.redis_url)
    database = prepared_database(settings, application)
    gauge = OutboxGauge(settings.outbox_limit)
    store = Store(database, committed=partial(signals.wake, application), gauge=gauge)
    owner = process_application(settings, application, store)
    runtime.open_with(
        begin=store.begin,
        engine_of=owner.engine_of if owner else None,
        executor=Executor(store.begin, owner.engine_of if owner else None, _now),
        publisher=_publisher(settings, application, database, signals),
        stop=_stop,
        submit_successor=_successor(celery, application),
        database=database,
        cleaner=_cleaner(settings, application, database),
        settler=_settler(settings, signals),
    )


def prepared_database(settings: Settings, application: str) -> Database:
    """The application's database with its schema up to date."""
    database = Database(settings.database_url(application), application)
    database.migrate()
    prepare_lanes(database)
    with database.transaction() as connection:
        prepare_received(connection)
    return database


def process_application(settings: Settings, application: str, store: Store) -> ProcessApplication | None:
    """The application's own code, by its `module:attribute`; the host has none."""
    if application == HOSTED:
        return None
    module, _, attribute = settings.module_of(application).partition(":")
    found: ProcessApplication = getattr(import_module(module), attribute)
    found.use(store)
    return found


def submit_first(celery: Celery) -> None:
    """A publisher's worker starts publishing at once, without waiting for beat."""
    if os.environ.get("TASKPOOL_PROCESS", "").startswith("publisher."):
        _successor(celery, os.environ["TASKPOOL_APPLICATION"])()


def stop_working() -> None:
    """Make long jobs end soon."""
    _stop.set()


def close_worker() -> None:
    """Hand leases back and close connections."""
    publisher: Publisher = runtime.get("publisher")
    try:
        publisher.leases.release()
    except Exception:  # noqa: BLE001 - on the way out; the leases pass by themselves
        log.warning("leases_not_released")
    runtime.get("settler").close()
    runtime.get("database").close()
    runtime.close()


def _publisher(settings: Settings, application: str, database: Database, signals: Signals) -> Publisher:
    name = f"{os.environ.get('TASKPOOL_PROCESS') or f'publisher.{application}'}@{socket.gethostname()}"
    leases = Leases(database, f"{name[:40]}#{uuid4().hex}")
    return Publisher(database, EventExchange(settings.amqp_url), leases, signals.listen(application))


def _cleaner(settings: Settings, application: str, database: Database) -> Cleaner:
    """Each store is cleaned by a worker of its own; the views belong to the host's."""
    views = ViewCleaning(connect(settings.mongo_url, settings.mongo_database)) if application == HOSTED else None
    lease = CleanerLease(database, f"{socket.gethostname()}#{uuid4().hex}", LEASE_SECONDS)
    return Cleaner(database, views, settings.retention, lease, _now)


def _settler(settings: Settings, signals: Signals) -> Settler:
    databases = ApplicationDatabases(settings.database_url, (*settings.applications, HOSTED))
    return Settler(DeadLetters(settings.amqp_url), databases, signals.wake, _now)


def _successor(celery: Celery, application: str) -> Callable[[], None]:
    def submit() -> None:
        if not _stop.is_set():
            try:
                celery.send_task(
                    "taskpool.publish",
                    exchange=COMMANDS.name,
                    routing_key=f"publisher.{application}",
                    retry=False,
                    confirm_timeout=2,
                )
            except (KombuError, OSError) as error:
                log.warning("successor_not_submitted reason=%s", error)

    return submit


def _now() -> datetime:
    return datetime.now(UTC)
