"""A real broker that refuses one row, or is slow: order holds, nobody loses lanes, nothing goes out twice."""

from contextlib import contextmanager
from dataclasses import replace
from threading import Event, Thread
from time import monotonic, sleep
from urllib.parse import urlsplit

import orjson
import pika
import pytest

from domain.identity import LANES
from settings import Settings
from store.fakes.exchange_and_views import NoWakeups
from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR, declare
from store.messaging.wakeups import Signals
from tests.faults.proxy import Proxy
from tests.store.databases import KINDS, each_database, rows
from tests.support.arrived import first_seen, purge
from tests.support.broker import only_tasks_are_heard
from tests.support.publishing import later, pause, publisher, said, url_of
from workers.fleet import wiring

pytestmark = pytest.mark.servers
shared_by_threads = pytest.mark.parametrize("kind", KINDS[1:], indirect=True)


class Troubled(EventExchange):
    """Sends a task's third revision so that the broker refuses it: by closing the channel, or by returning it."""

    trouble = None

    def publish(self, published):
        if self.trouble == "returned":
            published = [replace(row, routing_key="nobody.listens") if is_third(row) else row for row in published]
        return super().publish(published)

    def _message(self, row):
        message = super()._message(row)
        if self.trouble == "channel closed" and is_third(row):
            message.properties["user_id"] = "somebody-else"
        return message


def is_third(row):
    return orjson.loads(row.body)["sequence"] == "3"


@pytest.mark.parametrize("trouble", ["channel closed", "returned"])
@each_database
def test_no_revision_is_seen_before_one_that_the_broker_refused(servers, store, trouble):
    declare(servers.amqp_url, ())
    exchange = Troubled(servers.amqp_url)
    worker = publisher(store, exchange)
    said(store, "opened first")
    worker.ship()
    purge(servers.amqp_url)
    said(store, "a", changes=5)
    with connected(servers.amqp_url) as channel, only_tasks_are_heard(servers, channel):
        exchange.trouble = trouble
        while rows(store, "SELECT max(attempts) FROM outbox") == [(0,)]:
            worker.ship()
    assert first_seen(servers.amqp_url) == {"a": ["1", "2"]}
    assert rows(store, "SELECT attempts FROM outbox ORDER BY position") == [(1,), (0,), (0,), (0,)]
    exchange.trouble = None
    later(store)
    began = monotonic()
    while rows(store, "SELECT count(*) FROM outbox") != [(0,)] and monotonic() - began < 20:
        worker.run(0.5, Event())
    exchange.close()
    assert first_seen(servers.amqp_url) == {"a": ["3", "4", "5", "6"]}
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]


@shared_by_threads
def test_two_publishers_on_a_broker_slower_than_their_leases_send_everything_once(servers, store, proxied):
    """As a worker opens them. Without renewals they took each other's lanes for ever, and repeated everything."""
    settings, proxy = proxied
    settings = replace(settings, sql_url=url_of(store.database))
    workers = [opened(settings, store.database.application) for _ in range(2)]
    for worker in workers * 2:
        worker.leases.refresh()
    said_through(workers, store)
    purge(servers.amqp_url)
    for number in range(40):
        said(store, f"t{number}")
    assert proxy.slow(1.2) == 2
    stop = Event()
    threads = [Thread(target=worker.run, args=(20, stop)) for worker in workers]
    began = monotonic()
    for thread in threads:
        thread.start()
    while rows(store, "SELECT count(*) FROM outbox") != [(0,)] and monotonic() - began < 18:
        sleep(0.1)
    took = monotonic() - began
    proxy.heal()
    stop.set()
    for thread in threads:
        thread.join()
    assert took > 1.5, "no window was longer than the lease"
    assert waiting_for_projectors(servers.amqp_url) == 40
    assert [len(worker.leases.held) for worker in workers] == [LANES // 2] * 2
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    for worker in workers:
        worker.exchange.close()
        worker.database.close()


@pytest.fixture
def proxied(servers, monkeypatch, tmp_path):
    """The run's broker behind a proxy, reached as a worker reaches it."""
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("TASKPOOL_HOME", str(tmp_path))
    declare(servers.amqp_url, ())
    broker = urlsplit(servers.amqp_url).port
    with Proxy(broker) as proxy:
        url = servers.amqp_url.replace(f":{broker}/", f":{proxy.port}/")
        yield Settings.from_env({"TASKPOOL_HOME": str(tmp_path), "TASKPOOL_AMQP_URL": url}), proxy


def opened(settings, application):
    opened = wiring.publisher_for(settings, application, Signals(settings.redis_url))
    opened.leases.lease_seconds = 1.5
    # Two of one process would be two lives of one publisher.
    opened.leases.owner = f"{id(opened)}#1"
    opened.wakeups, opened.alive = NoWakeups(), pause
    return opened


def said_through(workers, store):
    """Both have a connection."""
    number = 0
    while {bool(worker.exchange._connection) for worker in workers} != {True}:
        said(store, f"opened first {number}")
        number += 1
        for worker in workers:
            worker.ship()


def waiting_for_projectors(url):
    with connected(url) as channel:
        return channel.queue_declare(PROJECTOR, passive=True).method.message_count


@contextmanager
def connected(url):
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        yield connection.channel()
