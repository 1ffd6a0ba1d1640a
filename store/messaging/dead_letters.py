"""Messages set aside: looked at without losing any, sent again before they are forgotten."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from amqp.basic_message import Message
from amqp.exceptions import AMQPError, ResourceLocked
from kombu.connection import Connection
from kombu.exceptions import KombuError

from domain.errors import BrokerUnavailable
from domain.identity import derived_id
from domain.values import iso
from observe.retrying import retry
from store.messaging.broker import broker_options
from store.messaging.event_queue import REASON_HEADER, SENDER_HEADER
from store.messaging.topology import DEAD, DEAD_COMMANDS
from store.messaging.users import user_in

MAX_LISTED = 1000
MAX_SEARCHED = 20_000
MAX_BYTES = 32_000_000
TIMEOUT_SECONDS = 10.0
BUSY_SECONDS = 10.0
QUEUES = (DEAD, DEAD_COMMANDS)

_URL_SAFE = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_KEPT = ("content_type", "content_encoding", "correlation_id", "reply_to", "message_id", "type", "priority")


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message set aside; copies of a message have the same id."""

    id: str
    queue: str
    body: bytes
    reason: str
    origin: str | None
    """The routing key it came with, if that is known."""
    died: str | None
    """When, as ISO-8601 UTC, if it says so."""
    sender: str | None = None
    """The broker user that sent it first, where the broker has verified one."""
    properties: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Resend:
    """One message to send in place of a dead letter; the exchange "" reaches a queue by its name."""

    exchange: str
    routing_key: str
    body: bytes
    properties: Mapping[str, Any]


Decide = Callable[[DeadLetter], Sequence[Resend] | None]
"""What to send in place of a letter before it is forgotten; None keeps it."""


class DeadLetters:
    """Both dead-letter queues, over one connection that is opened when needed; raises `BrokerUnavailable`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._one_at_a_time = Lock()

    def find(self, limit: int = MAX_LISTED) -> list[DeadLetter]:
        """The oldest dead letters of each queue, bounded in bytes too; all of them stay where they are."""
        found: list[DeadLetter] = []
        for queue in QUEUES:
            size = 0
            with self._held(queue, limit) as held:
                for _, letter in held:
                    found.append(letter)
                    size += len(letter.body)
                    if size > MAX_BYTES:
                        break
        return found

    def resolve(self, letter_id: str, decide: Decide) -> list[DeadLetter]:
        """Deal with every copy of one letter; returns those that are gone."""
        gone: list[DeadLetter] = []
        for queue in QUEUES:
            gone += self.drain(queue, lambda letter: decide(letter) if letter.id == letter_id else None)
        return gone

    def drain(self, queue: str, decide: Decide, limit: int = MAX_SEARCHED) -> list[DeadLetter]:
        """Send what is decided, mandatory and confirmed, and only then forget the letter; returns those gone."""
        gone = []
        with self._held(queue, limit) as held:
            for message, letter in held:
                instead = decide(letter)
                if instead is not None:
                    for resend in instead:
                        _publish(message.channel, resend, user_in(self._url))
                    message.channel.basic_ack(message.delivery_info.pop("delivery_tag"))
                    gone.append(letter)
        return gone

    def depths(self, queues: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Messages waiting and consumers by queue; one that does not exist is left out."""
        found = {}
        with self._opened() as connection:
            for queue in queues:
                channel = connection.channel()
                try:
                    declared = channel.queue_declare(queue, passive=True)
                    found[queue] = (declared.message_count, declared.consumer_count)
                    channel.close()
                except connection.channel_errors:
                    continue
        return found

    def close(self) -> None:
        """Let go; what was held is back in its queue."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.collect(0.2)

    @contextmanager
    def _held(self, queue: str, limit: int) -> Iterator[Iterator[tuple[Any, DeadLetter]]]:
        """Messages as they are taken, put back in their order at the end unless they were acknowledged."""
        with self._opened() as connection:
            channel = _alone(connection, queue)
            channel.auto_decode = False
            held: list[Any] = []
            try:
                yield _taken(channel, queue, limit, held)
            finally:
                for message in held:
                    if "delivery_tag" in message.delivery_info:
                        channel.basic_reject(message.delivery_info["delivery_tag"], requeue=True)
                channel.queue_delete(_lock_of(queue))
                channel.close()

    @contextmanager
    def _opened(self) -> Iterator[Connection]:
        with self._one_at_a_time:
            try:
                yield self._connected()
            except (AMQPError, KombuError, OSError) as error:
                self.close()
                raise BrokerUnavailable(str(error) or type(error).__name__) from error

    def _connected(self) -> Connection:
        """A connection that answers: the broker may have restarted since it was used last."""
        if self._connection is not None:
            try:
                self._connection.channel().close()
                return self._connection
            except (AMQPError, KombuError, OSError):
                self.close()
        limits = {"read_timeout": TIMEOUT_SECONDS, "write_timeout": TIMEOUT_SECONDS}
        self._connection = Connection(
            self._url, transport_options=limits, connect_timeout=5, heartbeat=0, **broker_options(self._url)
        )
        self._connection.ensure_connection(max_retries=1, interval_start=0)
        return self._connection


def _alone(connection: Connection, queue: str) -> Any:
    """A channel for the only one who looks at the queue: two would each see what the other does not hold."""

    def locked() -> Any:
        channel = connection.channel()
        channel.queue_declare(_lock_of(queue), exclusive=True, auto_delete=False)
        return channel

    try:
        return retry(locked, on=ResourceLocked, pause=0.05, seconds=BUSY_SECONDS)
    except ResourceLocked as error:
        raise BrokerUnavailable(f"somebody else has been looking at {queue} for long") from error


def _lock_of(queue: str) -> str:
    return f"{queue}.looked-at"


def _taken(channel: Any, queue: str, limit: int, held: list[Any]) -> Iterator[tuple[Any, DeadLetter]]:
    while len(held) < limit and (message := channel.basic_get(queue)) is not None:
        held.append(message)
        letter = _letter(queue, message)
        # Held for its tag only: bodies of thousands would not fit into memory.
        message.body = b""
        yield message, letter


def _publish(channel: Any, resend: Resend, user: str) -> None:
    message = Message(resend.body, delivery_mode=2, user_id=user, **resend.properties)
    channel.basic_publish_confirm(
        message, resend.exchange, resend.routing_key, mandatory=True, confirm_timeout=TIMEOUT_SECONDS
    )


def _letter(queue: str, message: Any) -> DeadLetter:
    properties, headers = message.properties, dict(message.headers or {})
    body = message.body.encode() if isinstance(message.body, str) else bytes(message.body)
    deaths = headers.get("x-death") or [{}]
    first = deaths[-1]
    reason = headers.get(REASON_HEADER) or _cause(deaths[0])
    return DeadLetter(
        id=_id_of(properties, headers, body),
        queue=queue,
        body=body,
        reason=str(reason),
        origin=next(iter(first.get("routing-keys") or ()), None) or properties.get("type"),
        died=_died(deaths[0], properties),
        sender=headers.get(SENDER_HEADER) or properties.get("user_id"),
        properties={name: properties[name] for name in _KEPT if properties.get(name) is not None},
        # With the marks of its death upon it, the broker might drop the message as one that goes in circles.
        headers={name: value for name, value in headers.items() if not name.startswith("x-")},
    )


def _died(death: Mapping[str, Any], properties: Mapping[str, Any]) -> str | None:
    """The broker writes it into its own mark, a projector into the message it makes."""
    moment = death.get("time") or properties.get("timestamp")
    if isinstance(moment, int):
        return iso(datetime.fromtimestamp(moment, UTC))
    return iso(moment.replace(tzinfo=UTC)) if isinstance(moment, datetime) else None


def _cause(death: Mapping[str, Any]) -> str:
    return f"{death['reason']} in {death.get('queue')}" if "reason" in death else "unknown"


def _id_of(properties: Mapping[str, Any], headers: Mapping[str, Any], body: bytes) -> str:
    """The message's own id where it has one that fits into a URL."""
    named = str(properties.get("message_id") or headers.get("id") or "")
    return named if _URL_SAFE.fullmatch(named) else derived_id("dead letter", named, body.decode("utf-8", "replace"))
