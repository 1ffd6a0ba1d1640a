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

from domain.errors import BrokerUnavailable
from domain.senders import Senders
from settings import HOSTED, Settings, home_of
from store import logs, metrics
from store.application_databases import ApplicationDatabases
from store.broker_users import user_in
from store.cleaning import CleanerLease
from store.database import Database
from store.dead_letters import DeadLetters
from store.exchange import EventExchange
from store.lanes import LOCK_SECONDS, Leases, prepare_lanes
from store.log_pages import LogSender
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
from workers import orphans

log = logging.getLogger(__name__)

_stop = Event()


def announce() -> None:
    """Log as all processes do, and count this life of the process; called once, as early as can be."""
    process = os.environ.get(orphans.PROCESS, "")
    logs.configure(process)
    logs.tell_of_crashes()
    metrics.starts.labels(metrics.PROCESS).inc()
    log.info("process_started", extra={"pid": os.getpid()})


def sign_of_life() -> Callable[[], None]:
    """What a process calls while it works: readiness looks at how long ago that was."""
    return (home_of(os.environ) / "run" / f"{os.environ.get(orphans.PROCESS, 'worker')}.alive").touch


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
        publisher=publisher_for(settings, application, signals),
        stop=_stop,
        submit_successor=successor_of(celery, application),
        database=database,
        log_sender=partial(LogSender, settings.application_amqp_url(application)),
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


def publisher_for(settings: Settings, application: str, signals: Signals) -> Publisher:
    """Its database is opened once more: it waits for locks only as long as its leases allow."""
    database = Database(settings.database_url(application), application, LOCK_SECONDS)
    name = f"{os.environ.get('TASKPOOL_PROCESS') or f'publisher.{application}'}@{socket.gethostname()}"
    leases, alive = Leases(database, f"{name[:40]}#{uuid4().hex}"), sign_of_life()
    exchange = EventExchange(settings.application_amqp_url(application), meanwhile=lambda: leases.keep() and alive())
    return Publisher(database, exchange, leases, signals.listen(application), alive)


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


def close_worker() -> None:
    """Hand leases back and close connections."""
    publisher: Publisher = runtime.get("publisher")
    try:
        publisher.leases.release()
    except Exception:  # noqa: BLE001 - on the way out; the leases pass by themselves
        log.warning("leases_not_released")
    publisher.database.close()
    runtime.get("settler").close()
    runtime.get("database").close()
    runtime.close()


def _cleaner(settings: Settings, application: str, database: Database) -> Cleaner:
    """Each store is cleaned by a worker of its own; the views and the dead letters belong to the host's."""
    views = ViewCleaning(connect(settings.mongo_url, settings.mongo_database)) if application == HOSTED else None
    letters = DeadLetters(settings.amqp_url) if application == HOSTED else None
    lease = CleanerLease(database, f"{socket.gethostname()}#{uuid4().hex}", LEASE_SECONDS)
    return Cleaner(database, views, letters, settings.retention, lease, _now)


def _settler(settings: Settings, signals: Signals) -> Settler:
    databases = ApplicationDatabases(settings.database_url, (*settings.applications, HOSTED))
    return Settler(DeadLetters(settings.amqp_url), databases, signals.wake, _now)


def _now() -> datetime:
    return datetime.now(UTC)
