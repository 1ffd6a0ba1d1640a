"""Sending a log's events to the views again: all of it, harmless, and heard by nobody else."""

import orjson
import pika
import pytest

from domain.aggregates.register import collections
from domain.aggregates.task import AssignTask, CreateTask, UserTask
from domain.errors import BrokerUnavailable
from domain.events.envelope import from_cloudevent
from domain.events.project import project
from domain.identity import Key
from store.events.log_reader import LogReader, Selection
from store.fakes.exchange_and_views import MemoryExchange
from store.health.in_flight import waiting_in_queue
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import ChannelClosed, EventExchange
from store.messaging.topology import PROJECTOR, declare
from store.views.writer import Views
from tasks.project import Projector
from tasks.repair import replay
from tasks.repair.replay import NotTaken, Replay
from tests.read_side import own_views
from tests.store.databases import each_database


def history(store, count=5):
    for number in range(count):
        key = Key("app", "task", f"t{number}")
        with store.begin() as work:
            work.collect(key, CreateTask(UserTask(key.id, "app", name=f"Task {number}")))
        with store.begin() as work:
            work.collect(key, AssignTask("ann"))


def send(store, exchange, waiting=lambda: 0, **options):
    told = []
    sent = Replay(exchange, waiting, **options).send(LogReader(store.database, rows=3).pages(), told.append)
    return sent, told


@each_database
def test_every_event_is_sent_in_order_as_it_was(store):
    history(store)
    exchange = MemoryExchange()
    assert send(store, exchange) == (10, [3, 3, 3, 1])
    assert [orjson.loads(row.body)["id"] for row in exchange.published] == [row.event_id for row in exchange.published]
    assert [row.position for row in exchange.published] == sorted(row.position for row in exchange.published)


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_what_is_refused_is_sent_again_and_what_was_confirmed_is_not(store):
    history(store, 1)
    refusals = iter([None, "returned", None])
    exchange = MemoryExchange(refuse=lambda _row: next(refusals))
    assert send(store, exchange)[0] == 2
    assert len(exchange.published) == 2


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
@pytest.mark.parametrize("problem", [BrokerUnavailable("gone"), ChannelClosed("404")])
def test_a_broker_that_stays_away_is_said(store, problem):
    class Away(MemoryExchange):
        def publish(self, rows):
            raise problem

    history(store, 1)
    with pytest.raises(NotTaken, match=str(problem)):
        send(store, Away(), patience=0.0)


@pytest.mark.parametrize("kind", ["memory"], indirect=True)
def test_a_queue_that_is_full_is_waited_for(store):
    history(store, 1)
    depths = iter([replay.FULL + 1, 0])
    assert send(store, MemoryExchange(), lambda: next(depths))[0] == 2
    assert next(depths, None) is None


@pytest.fixture
def channel(servers):
    declare(servers.amqp_url, ())
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url))
    opened = connection.channel()
    opened.queue_purge(PROJECTOR)
    yield opened
    connection.close()


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["file"], indirect=True)
def test_a_second_platform_is_brought_up_to_date_from_nothing(store, servers, channel):
    history(store, 40)
    listener = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(listener, "taskpool.events", "#")
    with own_views(servers.mongo_url) as first, own_views(servers.mongo_url) as second:
        for page in LogReader(store.database).pages():
            Views(first).apply([made for event in page for made in projected(event)])
        replayed(store, servers)
        assert waiting_in_queue(servers.amqp_url) == 80
        consume(servers, second)
        replayed(store, servers, Selection("app", ["task"], 41))
        consume(servers, second)
        for name in collections():
            assert documents(second, name) == documents(first, name)
        assert second["task"].count_documents({"assignee": "ann", "revision": 2}) == 40
    assert channel.queue_declare(listener, passive=True).method.message_count == 0, "nobody else has heard of it"


def replayed(store, servers, selection=None):
    exchange = EventExchange(servers.amqp_url, PROJECTOR)
    reader = LogReader(store.database, *([selection] if selection else []))
    Replay(exchange, lambda: waiting_in_queue(servers.amqp_url)).send(reader.pages())
    exchange.close()


def consume(servers, views):
    queue = EventQueue(servers.amqp_url)
    projector = Projector(Views(views), queue.bury)
    for batch in queue.batches():
        if not batch:
            break
        projector.apply(batch)
        queue.acknowledge(batch)
    queue.close()


def projected(event):
    return project(from_cloudevent(orjson.loads(event.body)))


def documents(database, name):
    return {found["_id"]: found for found in database[name].find()}
