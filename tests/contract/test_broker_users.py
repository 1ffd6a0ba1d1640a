"""What RabbitMQ itself lets an application do: its own work, and nothing in the name or the queues of another."""

from urllib.parse import quote

import orjson
import pika
import pytest
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker

from domain.aggregates.advance import Head, Origin, advance
from domain.aggregates.task import CreateTask, UserTask
from domain.errors import BrokerUnavailable
from domain.events.envelope import to_cloudevent
from domain.identity import Key
from domain.senders import Senders, user_of
from store.fakes.exchange_and_views import MemoryViews
from store.messaging.dead_letters import DeadLetters
from store.messaging.event_queue import EventQueue
from store.messaging.exchange import ChannelClosed, EventExchange
from store.messaging.topology import COMMANDS, DEAD, DEAD_COMMANDS, EVENTS, PROJECTOR, declare, outbound_queue
from store.messaging.users import application_user, as_commands, create, user_in
from store.outbox.outbox import OutboxRow
from store.people.operator_acts import OperatorActs
from store.sql.databases import ApplicationDatabases
from store.views.writer import connect
from tasks.operate.dead_letters import DeadLetterOffice, NotSendable
from tasks.project import Projector
from tests.support.broker import broker

__all__ = ["broker"]

pytestmark = pytest.mark.servers

OURS, THEIRS, HOST = "mill.one", "millxone", "hosted"
"""Names that one regular expression without care would take for one another."""


@pytest.fixture(scope="module")
def users(servers):
    declare(servers.amqp_url, (OURS, THEIRS, HOST))
    made = {
        OURS: application_user(OURS, "ours"),
        THEIRS: application_user(THEIRS, "theirs"),
        HOST: application_user(HOST, "host's", (OURS, THEIRS)),
    }
    create(servers.amqp_management_url, list(made.values()))
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        channel = connection.channel()
        for name in (OURS, THEIRS):
            queue = outbound_queue(name)
            channel.queue_declare(queue.name, durable=True, arguments=queue.queue_arguments)
            channel.queue_bind(queue.name, COMMANDS.name, queue.name)
    return made


@pytest.fixture
def url_of(servers, users):
    def url(name):
        host = servers.amqp_url.rpartition("@")[2]
        return f"amqp://{quote(users[name].name)}:{quote(users[name].password, safe='')}@{host}"

    return url


@pytest.fixture
def connection(url_of):
    with pika.BlockingConnection(pika.URLParameters(url_of(OURS))) as opened:
        yield opened


def event(application, number=1):
    key = Key(application, "task", f"t{number}")
    made = advance(Head(key, 1, 0, None), [CreateTask(UserTask(key.id, application))], Origin("2026-01-01T00:00:00Z"))
    return key, orjson.dumps(to_cloudevent(made[1][0])).decode()


def row(application, says=None, number=1):
    key, body = event(says or application, number)
    return OutboxRow(number, key.lane, key.opaque, 0, f"id-{number}", f"task.created.{application}", body)


def box(application):
    return f"engine.{application}@here.celery.pidbox"


def publish(exchange, key, **properties):
    def attempt(channel):
        channel.confirm_delivery()
        channel.basic_publish(exchange, key, b"{}", pika.BasicProperties(**properties))

    return attempt


def with_own_box(attempt):
    def boxed(channel):
        channel.queue_declare(box(OURS), exclusive=True)
        attempt(channel)

    return boxed


FORBIDDEN = {
    "read another's commands": lambda channel: channel.basic_get(f"engine.{THEIRS}"),
    "consume another's commands": lambda channel: channel.basic_consume(f"engine.{THEIRS}", print),
    "read another's outbound commands": lambda channel: channel.basic_get(f"outbound.{THEIRS}"),
    "read everybody's events": lambda channel: channel.basic_get(PROJECTOR),
    "read dead events": lambda channel: channel.basic_get(DEAD),
    "read dead commands": lambda channel: channel.basic_get(DEAD_COMMANDS),
    "throw another's commands away": lambda channel: channel.queue_purge(f"engine.{THEIRS}"),
    "delete another's queue": lambda channel: channel.queue_delete(f"engine.{THEIRS}"),
    "delete the projectors' queue": lambda channel: channel.queue_delete(PROJECTOR),
    "delete the exchange of events": lambda channel: channel.exchange_delete(EVENTS.name),
    "send another a command": publish(COMMANDS.name, f"engine.{THEIRS}"),
    "send itself a command that nobody asked for": publish(COMMANDS.name, f"engine.{OURS}"),
    "send another a tick": publish(COMMANDS.name, f"publisher.{THEIRS}"),
    "reach another's queue by its name": publish("", f"engine.{THEIRS}"),
    "reach the projectors' queue by its name": publish("", PROJECTOR),
    "publish under another's name": publish(EVENTS.name, f"task.created.{THEIRS}"),
    "publish under a longer name": publish(EVENTS.name, f"task.created.{OURS}.x"),
    "publish as another": publish(EVENTS.name, f"task.created.{OURS}", user_id=user_of(THEIRS)),
    "publish as the platform": publish(EVENTS.name, f"task.created.{OURS}", user_id="taskpool"),
    "make a queue": lambda channel: channel.queue_declare("mine"),
    "make another's mailbox": lambda channel: channel.queue_declare(box(THEIRS), exclusive=True),
    "stop the projectors hearing": lambda channel: channel.queue_unbind(PROJECTOR, EVENTS.name, "#"),
    "listen to everybody's events": with_own_box(lambda channel: channel.queue_bind(box(OURS), EVENTS.name, "#")),
    "listen to another's commands": with_own_box(
        lambda channel: channel.queue_bind(box(OURS), COMMANDS.name, f"engine.{THEIRS}")
    ),
    "have its commands go to another": lambda channel: channel.queue_bind(
        f"engine.{THEIRS}", COMMANDS.name, f"engine.{OURS}"
    ),
    "broadcast an order to all workers": publish("celery.pidbox", ""),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_an_application_cannot(connection, attempt):
    with pytest.raises(ChannelClosedByBroker) as refused:
        FORBIDDEN[attempt](connection.channel())
    assert refused.value.reply_code in (403, 406)
    assert refused.value.reply_code == 403 or "user_id" in refused.value.reply_text


def test_an_application_reads_its_own_commands(connection, broker):
    for kind in ("engine", "outbound"):
        broker.basic_publish(COMMANDS.name, f"{kind}.{OURS}", b"do it")
        ours = connection.channel().consume(f"{kind}.{OURS}", inactivity_timeout=10, auto_ack=True)
        assert next(ours)[2] == b"do it"


def test_an_application_sends_itself_ticks(connection, broker):
    broker.queue_purge(f"publisher.{OURS}")
    publish(COMMANDS.name, f"publisher.{OURS}")(connection.channel())
    assert broker.queue_declare(f"publisher.{OURS}", passive=True).method.message_count == 1


def test_an_application_publishes_its_own_events_and_says_who_it_is(url_of, broker):
    exchange = EventExchange(url_of(OURS))
    assert exchange.publish([row(OURS, number=number) for number in range(300)]).confirmed == set(range(300))
    exchange.close()
    _, properties, _ = broker.basic_get(PROJECTOR, auto_ack=True)
    assert properties.user_id == user_of(OURS)


def test_an_event_under_another_name_closes_the_channel_and_the_others_go_on(url_of, broker):
    exchange = EventExchange(url_of(OURS))
    with pytest.raises(ChannelClosed, match="403"):
        exchange.publish([row(THEIRS)])
    assert exchange.publish([row(OURS)]).confirmed == {0}
    exchange.close()


def test_an_application_waits_for_a_queue_that_only_the_platform_makes(servers, url_of, broker):
    exchange = EventExchange(url_of(OURS))
    broker.queue_delete(PROJECTOR)
    try:
        with pytest.raises(Exception, match="the platform makes it"):
            exchange.publish([row(OURS)])
    finally:
        declare(servers.amqp_url, ())
    assert exchange.publish([row(OURS)]).confirmed == {0}
    exchange.close()


def test_an_application_waits_for_an_exchange_that_only_the_platform_makes(servers, url_of, broker):
    """Its rows are not to blame: the first window finds out, and no later one costs an attempt."""
    exchange = EventExchange(url_of(OURS))
    exchange.publish([row(OURS)])
    broker.exchange_delete(EVENTS.name)
    try:
        with pytest.raises(ChannelClosed, match="404"):
            exchange.publish([row(OURS)])
        with pytest.raises(BrokerUnavailable, match="the platform makes it"):
            exchange.publish([row(OURS)])
    finally:
        declare(servers.amqp_url, ())
    assert exchange.publish([row(OURS)]).confirmed == {0}
    exchange.close()


def test_the_host_speaks_for_all_that_have_nobody_else(url_of, broker):
    exchange = EventExchange(url_of(HOST))
    assert exchange.publish([row("legacy"), row(HOST, number=2), row(f"{OURS}s", number=3)]).confirmed == {0, 1, 2}
    for name in (OURS, THEIRS):
        with pytest.raises(ChannelClosed, match="403"):
            exchange.publish([row(name)])
    exchange.close()


def test_the_user_everybody_knows_is_gone(servers, users):
    with pytest.raises(AMQPConnectionError):
        pika.BlockingConnection(pika.URLParameters(f"amqp://guest:guest@{servers.amqp_url.rpartition('@')[2]}"))


@pytest.fixture
def senders(servers):
    return Senders(user_in(servers.amqp_url), frozenset({OURS, THEIRS}), HOST)


def test_a_body_that_speaks_for_another_is_set_aside_alone(servers, url_of, broker, senders):
    exchange = EventExchange(url_of(OURS))
    exchange.publish([row(OURS), row(OURS, says=THEIRS, number=2), row(OURS, says="legacy", number=3)])
    exchange.close()
    host = EventExchange(url_of(HOST))
    host.publish([row("legacy", number=4), row("legacy", says=OURS, number=5)])
    host.close()
    broker.basic_publish(EVENTS.name, f"task.created.{OURS}", event(OURS, 6)[1])
    platform = EventExchange(servers.amqp_url)
    platform.publish([row(THEIRS, number=7)])
    platform.close()
    queue, views = EventQueue(servers.amqp_url), MemoryViews()
    for batch in queue.batches():
        if not batch:
            break
        Projector(views, queue.bury, senders).apply(batch)
        queue.acknowledge(batch)
    assert sorted(task["subject"] for task in views.collections["task"].values()) == ["t1", "t4", "t7"]
    reasons = [properties.headers["x-taskpool-reason"] for _, properties, _ in dead(broker)]
    assert reasons == [
        f"{user_of(OURS)} may not speak for {THEIRS}",
        f"{user_of(OURS)} may not speak for legacy",
        f"{user_of(HOST)} may not speak for {OURS}",
        f"nobody the broker knows may not speak for {OURS}",
    ]


def test_what_was_forged_cannot_be_sent_again_as_the_platform(servers, url_of, broker, senders):
    exchange = EventExchange(url_of(OURS))
    exchange.publish([row(OURS, says=THEIRS), row(OURS, number=2)])
    exchange.close()
    queue = EventQueue(servers.amqp_url)
    for batch in queue.batches():
        for delivery in batch:
            queue.bury(delivery, "looked odd")
        if not batch:
            break
        queue.acknowledge(batch)
    databases = ApplicationDatabases(lambda _: "sqlite://", [OURS, THEIRS, HOST])
    views = connect(servers.mongo_url, "unseen")
    office = DeadLetterOffice(DeadLetters(servers.amqp_url), databases, OperatorActs(views), senders)
    with pytest.raises(NotSendable, match=f"{user_of(OURS)} may not speak for {THEIRS}"):
        office.retry("id-1", "boss")
    assert office.retry("id-2", "boss").sender == user_of(OURS)
    office.letters.close()
    views.client.close()
    _, properties, _ = broker.basic_get(PROJECTOR, auto_ack=True)
    assert (properties.message_id, properties.user_id) == (orjson.loads(event(OURS, 2)[1])["id"], "taskpool")


def dead(broker):
    found = []
    while (got := broker.basic_get(DEAD, auto_ack=True))[0] is not None:
        found.append(got)
    return found


def test_an_operator_of_another_broker_is_told_the_same(users):
    lines = as_commands(users[OURS])
    assert [line.split()[1] for line in lines] == [
        "add_user",
        "set_topic_permissions",
        "set_topic_permissions",
        "set_permissions",
    ]
    assert users[OURS].read in lines[-1]
