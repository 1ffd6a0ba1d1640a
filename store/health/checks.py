"""Whether every part of a system does its work, asked with short patience: some parts hang instead of failing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Generic, TypeVar
from uuid import uuid4

import pymongo
from pika import BlockingConnection, URLParameters
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError, ChannelClosedByBroker
from pymongo.database import Database as Documents
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from domain.errors import BrokerUnavailable, StoreUnavailable, Transient
from store.lists.pages import translate_mongo_errors
from store.sql.database import Database
from store.views.commands import CommandView
from store.views.losses import Losses

PATIENCE_SECONDS = 2.0
FRESH_SECONDS = 10.0
"""A process that shows a sign of life every second or two and has not for this long does no work."""

AnswerT = TypeVar("AnswerT")


class NoSignOfLife(Transient):
    """A process does not do its work."""


class Questions(Generic[AnswerT]):
    """Questions that may hang, each put at most once at a time, so that nothing piles up behind one that does."""

    def __init__(self, questions: Mapping[str, Callable[[], AnswerT]]) -> None:
        self._questions = questions
        self._asked: dict[str, Future[AnswerT]] = {}
        self._asking = Lock()

    def put(self, patience: float = PATIENCE_SECONDS) -> dict[str, AnswerT | Exception]:
        """All at once; what has not answered within so many seconds is an exception, as is what failed."""
        return within(self.ask(), patience)

    def ask(self) -> dict[str, Future[AnswerT]]:
        """Put all of them, without waiting."""
        with self._asking:
            return {name: self._ask(name) for name in self._questions}

    def _ask(self, name: str) -> Future[AnswerT]:
        asked = self._asked.get(name)
        if asked is None or asked.done():
            asked = self._asked[name] = Future()
            Thread(target=_put, args=(self._questions[name], asked), name=f"asks {name}", daemon=True).start()
        return asked


def within(asked: Mapping[str, Future[AnswerT]], patience: float) -> dict[str, AnswerT | Exception]:
    """What was answered by then; the others are an exception."""
    wait(asked.values(), timeout=patience)
    answers: dict[str, AnswerT | Exception] = {}
    for name, future in asked.items():
        answer = _answer(future)
        answers[name] = answer
    return answers


def mongodb_answers(database: Documents[dict[str, Any]]) -> None:
    """Raise `StoreUnavailable` when it has no primary that answers."""
    try:
        with translate_mongo_errors(), pymongo.timeout(PATIENCE_SECONDS):
            database.command("ping")
    except StoreUnavailable as error:
        raise StoreUnavailable("no primary answers") from error


def redis_answers(url: str) -> None:
    """Raise `StoreUnavailable` when it does not."""
    try:
        with Redis.from_url(url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS) as redis:
            redis.ping()
    except RedisError as error:
        raise StoreUnavailable(f"it cannot be reached: {type(error).__name__}") from error


def sql_answers(open_database: Callable[[], Database]) -> None:
    """Raise `StoreUnavailable` when it does not."""
    with open_database().reading() as connection:
        connection.execute(text("SELECT 1"))


def queue_depths(url: str, queues: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Messages and consumers of those queues that there are; raises `BrokerUnavailable`."""
    with _connected(url) as connection:
        return {queue: depth for queue in queues if (depth := _depth(connection, queue)) is not None}


def broker_answers(url: str) -> None:
    """Raise `BrokerUnavailable` when it takes no message; what is sent reaches nobody."""
    with _connected(url) as connection:
        channel = connection.channel()
        # While it is short of memory or disk it shakes hands and says nothing to whoever publishes.
        channel.confirm_delivery()
        channel.basic_publish("", f"taskpool.nobody.{uuid4()}", b"")


def consumed(url: str, queues: Sequence[str]) -> None:
    """Raise `NoSignOfLife` when nobody reads one of these queues."""
    found = queue_depths(url, queues)
    unread = [queue for queue in queues if found.get(queue, (0, 0))[1] == 0]
    if unread:
        raise NoSignOfLife(f"nobody reads {', '.join(unread)}")


def views_are_whole(database: Documents[dict[str, Any]]) -> None:
    """Raise `StoreUnavailable` when somebody has dropped a part of them; without the views nobody can tell."""
    lost: list[str] = []
    with suppress(StoreUnavailable), pymongo.timeout(PATIENCE_SECONDS / 2):
        lost = Losses(database).names()
    if lost:
        raise StoreUnavailable(
            f"{', '.join(lost)} was dropped; run `taskpool reconcile --repair` or `taskpool rebuild`"
        )


def commands_are_answered(database: Documents[dict[str, Any]]) -> None:
    """Raise `NoSignOfLife` when one has waited for more than half its time; without the views nobody can tell."""
    late: dict[str, float] = {}
    with suppress(StoreUnavailable), pymongo.timeout(PATIENCE_SECONDS / 2):
        late = CommandView(database).late(datetime.now(UTC))
    if late:
        raise NoSignOfLife(
            "; ".join(
                f"the engine of {name} has left a command waiting for {late[name]:.0f} s" for name in sorted(late)
            )
        )


def process_works(home: Path, name: str) -> None:
    """Raise `NoSignOfLife` when it has not shown one for long."""
    age = sign_of_life_age(home, name)
    if age is None:
        raise NoSignOfLife("it has never shown a sign of life")
    # One from the future was shown before the clock was set back.
    if abs(age) > FRESH_SECONDS:
        raise NoSignOfLife(f"no sign of life for {age:.0f} s")


def sign_of_life_age(home: Path, name: str) -> float | None:
    """Seconds since the process last touched its file; None when it never did."""
    try:
        return time.time() - (home / "run" / f"{name}.alive").stat().st_mtime
    except OSError:
        return None


def _put(question: Callable[[], AnswerT], asked: Future[AnswerT]) -> None:
    try:
        asked.set_result(question())
    except BaseException as error:  # noqa: BLE001 - whatever goes wrong there is the answer
        asked.set_exception(error)


def _answer(asked: Future[AnswerT]) -> AnswerT | Exception:
    if not asked.done():
        return TimeoutError("it does not answer")
    error = asked.exception()
    if error is None:
        return asked.result()
    return error if isinstance(error, Exception) else RuntimeError(type(error).__name__)


@contextmanager
def _connected(url: str) -> Iterator[BlockingConnection]:
    parameters = URLParameters(url)
    parameters.socket_timeout = parameters.stack_timeout = PATIENCE_SECONDS
    parameters.blocked_connection_timeout = PATIENCE_SECONDS
    parameters.connection_attempts = 1
    try:
        connection = BlockingConnection(parameters)
        try:
            yield connection
        finally:
            if connection.is_open:
                connection.close()
    # A connection that is cut in the very moment it is made is a ValueError to pika.
    except (AMQPError, AMQPConnectorException, OSError, ValueError) as error:
        raise BrokerUnavailable(f"it cannot be reached: {type(error).__name__}") from error


def _depth(connection: BlockingConnection, queue: str) -> tuple[int, int] | None:
    channel = connection.channel()
    try:
        method = channel.queue_declare(queue, passive=True).method
    except ChannelClosedByBroker:
        return None
    channel.close()
    return int(method.message_count), int(method.consumer_count)
