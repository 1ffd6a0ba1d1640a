"""Whether a process answers: one question per role, each with a limit on waiting."""

from __future__ import annotations

import contextlib
import urllib.request
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pika
import pymongo
import redis
from celery import Celery
from sqlalchemy import make_url

from domain.errors import Transient
from settings import HOSTED, MONGODB, POSTGRESQL, RABBITMQ, REDIS, Settings
from store.health.checks import NoSignOfLife, process_works
from store.messaging.broker import tls_of
from store.views.commands import CommandView
from store.views.writer import connect
from workers.roles import BEAT, FLOWER, NOTIFIER, PROJECTOR, WEB
from workers.system.processes import Process

PATIENCE = 2.0


def rabbitmq(settings: Settings) -> None:
    """Complete an AMQP handshake."""
    parameters = pika.URLParameters(settings.amqp_url)
    parameters.socket_timeout = parameters.stack_timeout = PATIENCE
    parameters.connection_attempts = 1
    pika.BlockingConnection(parameters).close()


def mongodb(settings: Settings) -> None:
    """Find a primary."""
    milliseconds = int(PATIENCE * 1000)
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(
        settings.mongo_url,
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=milliseconds,
    )
    with client:
        if not client.admin.command("hello").get("isWritablePrimary"):
            raise NotAnswering("no primary")


def redis_server(settings: Settings) -> None:
    """Ask it for a sign of life."""
    with redis.Redis.from_url(
        settings.redis_url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=None
    ) as client:
        client.ping()


def postgresql(settings: Settings) -> None:
    """Run the smallest query."""
    import psycopg  # noqa: PLC0415 - slow to import, and most systems have no such server

    url = make_url(settings.sql_url or "").set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), connect_timeout=2) as connection:
        connection.execute("select 1")


def web(settings: Settings) -> None:
    """Ask whether it lives."""
    get(f"{settings.url}/healthz", PATIENCE)


def flower(settings: Settings) -> None:
    """Ask for its own health page."""
    get(f"{settings.flower_url}/healthcheck", PATIENCE)


def shows_life(settings: Settings, name: str) -> bool:
    """Whether a worker touches its file, which an engine stops doing when a unit of work goes on and on."""
    try:
        process_works(settings.home, name)
    except NoSignOfLife:
        return False
    return True


def late_engines(settings: Settings) -> set[str]:
    """The applications whose engine has left a command waiting; nobody can tell while the views are away."""
    views = connect(settings.mongo_url, settings.mongo_database)
    with pymongo.timeout(PATIENCE), contextlib.suppress(Transient):
        late = CommandView(views).late(datetime.now(UTC))
        return {name if name in settings.applications else HOSTED for name in late}
    return set()


class NotAnswering(Exception):
    """The process is there and does not do its work."""


QUESTIONS: Mapping[str, Callable[[Settings], None]] = {
    RABBITMQ: rabbitmq,
    MONGODB: mongodb,
    REDIS: redis_server,
    POSTGRESQL: postgresql,
    WEB: web,
    FLOWER: flower,
    PROJECTOR: lambda settings: process_works(settings.home, PROJECTOR),
    NOTIFIER: lambda settings: process_works(settings.home, NOTIFIER),
    BEAT: lambda settings: process_works(settings.home, BEAT),
}


def answering_workers(settings: Settings, names: list[str]) -> set[str]:
    """Ask all Celery workers in one broadcast; those that answered in time."""
    # Not the workers' own app: importing what they do takes longer than asking them.
    app = Celery("status", broker=settings.amqp_url)
    app.conf.broker_use_ssl = tls_of(settings.amqp_url)
    with app.connection_for_write(connect_timeout=PATIENCE) as connection:
        replies = app.control.ping(timeout=1.5, limit=len(names), connection=connection)
    return {node.partition("@")[0] for reply in replies for node in reply}


def answers(settings: Settings, process: Process) -> bool:
    """Put a role's question; any failure is no answer."""
    try:
        QUESTIONS[process.role](settings)
    except Exception:  # noqa: BLE001 - whatever a driver raises here means the same
        return False
    return True


def get(url: str, seconds: float) -> None:
    """Fetch one of our own addresses, which no proxy of the environment stands in front of."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=seconds) as response:
        response.read(1)
