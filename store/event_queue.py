"""Reading a queue in batches: what came within a few milliseconds, acknowledged together once it is durable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from domain.errors import BrokerUnavailable
from store.topology import DEAD, PROJECTOR

MAX_BATCH = 500
LINGER_SECONDS = 0.0003
IDLE_SECONDS = 0.5
REASON_HEADER = "x-taskpool-reason"
SENDER_HEADER = "x-taskpool-sender"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message; `deliveries` counts earlier attempts that ended without an acknowledgement."""

    tag: int
    body: bytes
    routing_key: str
    properties: pika.BasicProperties
    deliveries: int
    sender: str | None = None
    """The user that sent it, as the broker has verified; None when it did not say."""


class EventQueue:
    """One consumer of the projector's queue; connects when first read, raises `BrokerUnavailable` when that fails."""

    def __init__(self, url: str) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = 60
        self._parameters.socket_timeout = 5.0
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._dead: BlockingChannel | None = None

    def batches(self) -> Iterator[list[Delivery]]:
        """Batches as they come, an empty one when nothing did for half a second; ends when the connection does."""
        try:
            channel = self._open()
            batch: list[Delivery] = []
            channel.basic_qos(prefetch_count=MAX_BATCH * 2)
            for method, properties, body in self._deliveries(channel):
                if method is not None:
                    batch.append(_delivery(method, properties, body))
                if method is None or len(batch) >= MAX_BATCH:
                    yield batch
                    batch = []
        except (AMQPError, OSError) as error:
            raise BrokerUnavailable(str(error) or type(error).__name__) from error
        finally:
            self.close()

    def acknowledge(self, batch: Sequence[Delivery]) -> None:
        """One word for the whole batch."""
        self._guard(lambda: self._channel.basic_ack(batch[-1].tag, multiple=True))  # type: ignore[union-attr]

    def bury(self, delivery: Delivery, reason: str) -> None:
        """Send a copy with the reason to the dead letters; the original is acknowledged with its batch."""
        headers = {**(delivery.properties.headers or {}), REASON_HEADER: reason[:2000], SENDER_HEADER: delivery.sender}
        properties = pika.BasicProperties(
            headers=headers,
            content_type=delivery.properties.content_type,
            message_id=delivery.properties.message_id,
            type=delivery.routing_key,
            delivery_mode=2,
        )
        self._guard(
            lambda: self._dead.basic_publish("", DEAD, delivery.body, properties, mandatory=True)  # type: ignore[union-attr]
        )

    def pause(self, seconds: float) -> None:
        """Wait while keeping the connection alive and the batch unacknowledged."""
        self._guard(lambda: self._connection.sleep(seconds))  # type: ignore[union-attr]

    def close(self) -> None:
        """Let go; what was not acknowledged is delivered again."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.is_open:
            try:
                connection.close()
            except (AMQPError, OSError):
                connection = None

    def _deliveries(self, channel: BlockingChannel) -> Iterator[tuple[Any, Any, Any]]:
        """Deliveries, and an empty one as soon as the stream pauses after one, or after half a second of nothing."""
        for delivery in channel.consume(PROJECTOR, inactivity_timeout=IDLE_SECONDS):
            yield delivery
            if delivery[0] is not None and not self._more(channel):
                yield None, None, None

    def _more(self, channel: BlockingChannel) -> bool:
        """Whether another one is here, or comes within a moment: what was committed together mostly arrives so."""
        for pause in (0.0, LINGER_SECONDS):
            if not channel.get_waiting_message_count():
                # Not as a time limit: pika's shortest wait is a whole millisecond.
                sleep(pause)
                self._connection.process_data_events(0)  # type: ignore[union-attr]
        return bool(channel.get_waiting_message_count())

    def _open(self) -> BlockingChannel:
        self.close()
        try:
            self._connection = pika.BlockingConnection(self._parameters)
        except ValueError as error:
            # What pika says of a connection that was cut in the very moment it was made.
            raise BrokerUnavailable(str(error)) from error
        self._channel = self._connection.channel()
        self._dead = self._connection.channel()
        self._dead.confirm_delivery()
        return self._channel

    def _guard(self, action: Any) -> None:
        try:
            action()
        except (AMQPError, OSError, AttributeError) as error:
            raise BrokerUnavailable(str(error) or type(error).__name__) from error


def _delivery(method: Any, properties: pika.BasicProperties, body: bytes) -> Delivery:
    headers = properties.headers or {}
    deliveries = int(headers.get("x-delivery-count", 0))
    return Delivery(method.delivery_tag, body, method.routing_key, properties, deliveries, properties.user_id)
