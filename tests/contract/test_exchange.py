"""What is published and what a queue then holds: the twin in memory and a real RabbitMQ."""

from dataclasses import replace

import orjson
import pika
import pytest

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import CreateTask, UserTask
from domain.errors import BrokerUnavailable
from domain.events.envelope import to_cloudevent
from domain.identity import Key
from store.fakes.exchange_and_views import MemoryExchange
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import ChannelClosed, EventExchange
from store.messaging.topology import DEAD, PROJECTOR
from store.outbox.outbox import OutboxRow
from tests.support.broker import broker, only_tasks_are_heard

__all__ = ["broker"]

pytestmark = pytest.mark.servers


def row(number, key="task.created.app", body=None):
    aggregate = Key("app", "task", str(number))
    event = advance(
        Head(aggregate, 1, 0, None), [CreateTask(UserTask(str(number), "app"))], Origin("2026-01-01T00:00:00.000Z")
    )
    text = body or orjson.dumps(to_cloudevent(event[1][0])).decode()
    return OutboxRow(number, aggregate.lane, aggregate.opaque, 0, f"id-{number}", key, text)


@pytest.fixture(params=["memory", "rabbitmq"])
def exchange(request, servers, broker):
    if request.param == "memory":
        yield MemoryExchange()
        return
    opened = EventExchange(servers.amqp_url)
    yield opened
    opened.close()


def test_a_window_is_confirmed_whole(exchange):
    verdicts = exchange.publish([row(number) for number in range(1200)])
    assert verdicts.confirmed == set(range(1200))
    assert verdicts.failed == {}
    assert exchange.publish([row(1)]).confirmed == {0}


def test_order_and_properties_arrive(servers, broker):
    exchange = EventExchange(servers.amqp_url)
    exchange.publish([row(number) for number in range(50)])
    exchange.close()
    got = [broker.basic_get(PROJECTOR, auto_ack=True) for _ in range(50)]
    assert [properties.message_id for _, properties, _ in got] == [f"id-{number}" for number in range(50)]
    method, properties, body = got[0]
    assert method.routing_key == "task.created.app"
    assert (properties.delivery_mode, properties.content_type) == (2, "application/cloudevents+json")
    assert properties.user_id == pika.URLParameters(servers.amqp_url).credentials.username
    assert orjson.loads(body)["type"] == "taskpool.task.created.v2"


def test_what_no_queue_takes_fails_alone_and_by_name(servers, broker):
    exchange = EventExchange(servers.amqp_url)
    exchange.publish([row(0)])
    with only_tasks_are_heard(servers, broker):
        verdicts = exchange.publish([row(1), row(2, key="nobody.listens"), row(3)])
    exchange.close()
    assert verdicts.confirmed == {0, 2}
    assert "312" in verdicts.failed[1]
    assert "nobody.listens" in verdicts.failed[1]


def test_nothing_follows_a_row_of_its_aggregate_that_was_returned(servers, broker):
    """Its aggregate's next revision must not be seen before it, however soon somebody listens again."""
    exchange = EventExchange(servers.amqp_url)
    exchange.publish([row(number) for number in range(3, 9)])
    broker.queue_purge(PROJECTOR)
    first, second = row(1, key="nobody.listens"), replace(row(1), event_id="id-1-2")
    with only_tasks_are_heard(servers, broker):
        verdicts = exchange.publish([first, second, row(2)])
    exchange.close()
    assert (verdicts.confirmed, set(verdicts.failed)) == ({2}, {0})
    got = [broker.basic_get(PROJECTOR, auto_ack=True)[1] for _ in range(2)]
    assert [properties and properties.message_id for properties in got] == ["id-2", None]


def test_a_refused_channel_is_told_apart_from_a_broker_that_is_away(servers, broker):
    exchange = EventExchange(servers.amqp_url)
    broker.exchange_declare("taskpool.test", "fanout", auto_delete=True)
    exchange.publish([row(0)])
    forged = EventExchange(servers.amqp_url)
    forged.publish([row(0)])
    forged._user = "somebody-else"
    with pytest.raises(ChannelClosed):
        forged.publish([row(1)])
    assert exchange.publish([row(2)]).confirmed == {0}
    exchange.close()
    with pytest.raises(BrokerUnavailable):
        EventExchange("amqp://guest:guest@127.0.0.1:1//").publish([row(1)])


def test_batches_are_read_acknowledged_together_and_buried_with_a_reason(servers, broker):
    exchange = EventExchange(servers.amqp_url)
    exchange.publish([row(number) for number in range(700)])
    exchange.close()
    queue = EventQueue(servers.amqp_url)
    seen = []
    for batch in queue.batches():
        if not batch:
            break
        seen += batch
        if len(seen) == len(batch):
            queue.bury(batch[0], "cannot be read")
        queue.acknowledge(batch)
    assert len(seen) == 700
    assert broker.queue_declare(PROJECTOR, passive=True).method.message_count == 0
    _, properties, body = broker.basic_get(DEAD, auto_ack=True)
    assert properties.headers["x-taskpool-reason"] == "cannot be read"
    assert body == seen[0].body


def test_what_was_not_acknowledged_comes_again(servers, broker):
    exchange = EventExchange(servers.amqp_url)
    exchange.publish([row(1)])
    exchange.close()
    for expected in (0, 1):
        queue = EventQueue(servers.amqp_url)
        batches = queue.batches()
        (delivery,) = next(batches)
        assert delivery.deliveries == expected
        batches.close()


UNSENDABLE = {
    "a routing key beyond 255 bytes": {"routing_key": "task.created." + "é" * 130},
    "a message id beyond 255 bytes": {"event_id": "ü" * 200},
    "no body": {"body": None},
    "a body with half a character": {"body": '{"a": "\ud800"}'},
    "a body that is no text": {"body": 7},
}


@pytest.mark.parametrize("wrong", UNSENDABLE)
def test_what_the_wire_cannot_carry_is_the_rows_own_failure(servers, broker, wrong):
    exchange = EventExchange(servers.amqp_url)
    with pytest.raises(ChannelClosed, match="cannot be encoded"):
        exchange.publish([row(1), replace(row(2), **UNSENDABLE[wrong]), row(3)])
    assert exchange.publish([row(4), row(5)]).confirmed == {0, 1}, "and nothing half-sent is in the way"
    exchange.close()
