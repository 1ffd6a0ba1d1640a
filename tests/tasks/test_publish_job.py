"""The job that publishes hands over to a successor, also when the broker does not take it at once."""

from threading import Event
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import pika
import pytest
from celery import Celery
from celery.exceptions import Reject

from store.messaging.topology import TICKS, declare, engine_queue, tick_queue
from tasks import jobs, runtime
from tasks.runtime import Runtime
from tests.faults.proxy import Proxy
from workers.fleet.wiring import successor_of

pytestmark = pytest.mark.servers


@pytest.fixture
def name(servers):
    application = f"t{uuid4().hex[:12]}"
    declare(servers.amqp_url, (application,))
    yield application
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        for queue in (engine_queue(application), *(tick_queue(kind, application) for kind in TICKS)):
            connection.channel().queue_delete(queue.name)


@pytest.fixture
def celery(servers):
    """Its broker is behind a proxy."""
    port = urlsplit(servers.amqp_url).port
    with Proxy(port) as proxy:
        url = servers.amqp_url.replace(f":{port}/", f":{proxy.port}/")
        app = Celery("publishing", broker=url, set_as_current=False)
        app.conf.broker_transport_options = {"confirm_publish": True, "max_retries": 1}
        app.proxy = proxy
        yield app
        app.pool.force_close_all()


def publish(celery, name):
    """One slice, which finds nothing to ship."""
    idle = SimpleNamespace(run=lambda _seconds, _stop: 0)
    others = dict.fromkeys(
        ("executor", "timers", "jobs", "database", "log_sender", "cleaner", "settler", "spreader", "eraser")
    )
    runtime.use(Runtime(publisher=idle, stop=Event(), submit_successor=successor_of(celery, name), **others))
    try:
        jobs.publish_job()
    finally:
        runtime.close()


def waiting(servers, name):
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        found = connection.channel().queue_declare(f"publisher.{name}", passive=True)
        return found.method.message_count


def test_a_slice_submits_the_next(servers, celery, name):
    publish(celery, name)
    assert waiting(servers, name) == 1


def test_a_connection_that_broke_meanwhile_does_not_cost_the_successor(servers, celery, name):
    publish(celery, name)
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        connection.channel().queue_purge(f"publisher.{name}")
    celery.proxy.reset()
    publish(celery, name)
    assert waiting(servers, name) == 1


@pytest.mark.timeout(40)
def test_where_no_successor_can_be_sent_the_message_is_given_back(celery, name, monkeypatch):
    monkeypatch.setattr(jobs, "PATIENCE_SECONDS", 0.5)
    publish(celery, name)
    celery.proxy.drop()
    with pytest.raises(Reject) as given:
        publish(celery, name)
    assert given.value.requeue
