"""The broker of the tests, with queues that are empty."""

from contextlib import contextmanager

import pika
import pytest

from store.messaging.topology import DEAD, PROJECTOR, declare


@pytest.fixture
def broker(servers):
    declare(servers.amqp_url, ("app",))
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url))
    channel = connection.channel()
    channel.queue_purge(PROJECTOR)
    channel.queue_purge(DEAD)
    yield channel
    connection.close()


@contextmanager
def only_tasks_are_heard(servers, broker):
    """Other events have no route; the broker is shared, so the usual one is put back and nothing else stays bound."""
    broker.queue_unbind(PROJECTOR, "taskpool.events", "#")
    broker.queue_bind(PROJECTOR, "taskpool.events", "task.#")
    yield
    declare(servers.amqp_url, ())
    broker.queue_unbind(PROJECTOR, "taskpool.events", "task.#")
