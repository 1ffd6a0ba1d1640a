"""A consumer of everything that is published, with a queue of its own: what was first seen, in which order."""

import json
import threading
import time
from dataclasses import dataclass
from hashlib import sha256

import pika
from pika.exceptions import AMQPError

from store.messaging.event_queue import Delivery
from store.messaging.topology import EVENTS


@dataclass(frozen=True)
class Seen:
    """One event as it came over the wire the first time."""

    event_id: str
    key: str
    generation: int
    revision: int
    digest: bytes


def digest(body):
    """Of an event as it stands in the log: keys of people are added when it leaves."""
    logged, _, keys = body.rpartition(b',"personalkeys":')
    return sha256(logged + b"}" if keys and logged else body).digest()


def waiting(channel, queue):
    """What a queue holds, one by one, until the broker itself says that it is empty."""
    while True:
        method, properties, body = channel.basic_get(queue)
        if method is None:
            return
        yield Delivery(method.delivery_tag, body, method.routing_key, properties, 0)


class Recorder:
    """Reads until told to stop; repeats are counted, first appearances kept in their order."""

    def __init__(self, url, queue):
        self.queue, self._url = queue, url
        self.first, self.repeats = {}, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def __enter__(self):
        self.declare()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(timeout=20)

    def declare(self):
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            channel.exchange_declare(EVENTS.name, EVENTS.type, durable=True)
            channel.queue_declare(self.queue, durable=True, arguments={"x-queue-type": "quorum"})
            channel.queue_bind(self.queue, EVENTS.name, "#")

    def drain(self):
        """Read, in this thread, until the broker says that there is no more: a pause proves nothing when it is slow."""
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            for delivery in waiting(channel, self.queue):
                self._note(delivery.body)
                channel.basic_ack(delivery.tag)

    def unbind(self):
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            connection.channel().queue_unbind(self.queue, EVENTS.name, "#")

    def delete(self):
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            connection.channel().queue_delete(self.queue)

    def _run(self):
        while not self._stop.is_set():
            try:
                with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
                    self._consume(connection.channel())
            except (AMQPError, OSError):
                time.sleep(0.5)

    def _consume(self, channel):
        channel.basic_qos(prefetch_count=500)
        for method, _, body in channel.consume(self.queue, inactivity_timeout=0.3):
            if method is not None:
                self._note(body)
                channel.basic_ack(method.delivery_tag)
            if self._stop.is_set():
                break
        channel.cancel()

    def _note(self, body):
        event = json.loads(body)
        if event["id"] in self.first:
            self.repeats += 1
            return
        self.first[event["id"]] = Seen(
            event["id"], event["partitionkey"], event["generation"], int(event["sequence"]), digest(body)
        )
