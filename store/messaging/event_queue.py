"""Reading a queue in batches: what came within a few milliseconds, acknowledged together once it is durable."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from time import sleep, time
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import AMQPError

from domain.errors import BrokerUnavailable
from store.messaging.topology import DEAD, PROJECTOR

MAX_BATCH = 500
LINGER_SECONDS = 0.0003
REST_SECONDS = 0.02
"""How long the first of what waits is held for the others, once per connection."""
IDLE_SECONDS = 0.5
SUSPICIOUS = 3
"""After this many deliveries without an acknowledgement a message is a batch by itself."""
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

    @property
    def suspicious(self) -> bool:
        """Whether readers may have died of it."""
        return self.deliveries >= SUSPICIOUS


class EventQueue:
    """One consumer of the projector's queue, or of another of events; connects when first read.

    Raises `BrokerUnavailable` when that fails.
    """

    def __init__(self, url: str, name: str = PROJECTOR) -> None:
        self._name = name
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = 60
        self._parameters.socket_timeout = 5.0
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._dead: BlockingChannel | None = None

    def batches(self) -> Iterator[list[Delivery]]:
        """Batches as they come, an empty one when nothing did for half a second; ends when the connection does.

        To be acknowledged one after the other: so nothing shares the fate of a suspicious message that follows it.
        """
        try:
            channel = self._open()
            batch = yield from self._one_by_one(channel)
            channel.basic_qos(prefetch_count=MAX_BATCH * 2)
            for delivery in self._deliveries(channel):
                if delivery is not None and not delivery.suspicious:
                    batch.append(delivery)
                if delivery is None or delivery.suspicious or len(batch) >= MAX_BATCH:
                    yield batch
                    batch = []
                if delivery is not None and delivery.suspicious:
                    yield [delivery]
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
            timestamp=int(time()),
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

    def _one_by_one(self, channel: BlockingChannel) -> Generator[list[Delivery], None, list[Delivery]]:
        """The suspicious, which wait first in the queue: while one is in hand and no other, it alone counts a death.

        Returns the first message that is not suspicious.
        """
        channel.basic_qos(prefetch_count=1)
        for found in channel.consume(self._name, inactivity_timeout=IDLE_SECONDS):
            delivery = _delivery(*found)
            if delivery is not None and not delivery.suspicious:
                channel.cancel()
                return [delivery]
            yield [delivery] if delivery is not None else []
        return []

    def _deliveries(self, channel: BlockingChannel) -> Iterator[Delivery | None]:
        """Deliveries, and None as soon as the stream pauses after one, or after half a second of nothing."""
        second = islice(channel.consume(self._name, inactivity_timeout=REST_SECONDS), 1)
        for found in chain(second, channel.consume(self._name, inactivity_timeout=IDLE_SECONDS)):
            delivery = _delivery(*found)
            yield delivery
            if delivery is not None and not self._more(channel):
                yield None

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


def _delivery(method: Any, properties: Any, body: Any) -> Delivery | None:
    if method is None:
        return None
    count = (properties.headers or {}).get("x-delivery-count", 0)
    deliveries = count if isinstance(count, int) else 0
    return Delivery(method.delivery_tag, body, method.routing_key, properties, deliveries, properties.user_id)
