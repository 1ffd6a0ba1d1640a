"""A row that no message can carry, in a real store and before a real broker: it is parked alone, and nobody waits."""

import pika
import pytest
from sqlalchemy import text

from domain.identity import Key
from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR, declare
from tests.store.databases import KINDS, rows
from tests.tasks.test_publish import later, publisher, said

pytestmark = pytest.mark.servers

ATTEMPTS = 3
OTHERS = 12
UNCARRIED = {
    "routing_key": "task.created." + "é" * 130,
    "event_id": "ü" * 200,
}
"""By the column that reaches the wire, a text that fits the column and not the message: it is measured in bytes."""


@pytest.fixture
def waiting(servers):
    """How many messages wait for the projectors."""
    declare(servers.amqp_url, ("app",))
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url))
    channel = connection.channel()
    channel.queue_purge(PROJECTOR)
    yield lambda: channel.queue_declare(PROJECTOR, passive=True).method.message_count
    connection.close()


@pytest.mark.parametrize("column", UNCARRIED)
@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_it_is_tried_and_parked_alone(store, servers, waiting, column):
    said(store, "bad")
    if column == "event_id" and not store.database.is_sqlite:
        with store.database.transaction() as connection:
            connection.execute(text("ALTER TABLE event ALTER COLUMN event_id TYPE varchar(500)"))
    with store.database.transaction() as connection:
        connection.execute(text(f"UPDATE event SET {column} = :wrong"), {"wrong": UNCARRIED[column]})
    for number in range(OTHERS):
        said(store, f"good{number}")
    exchange = EventExchange(servers.amqp_url)
    worker = publisher(store, exchange, max_attempts=ATTEMPTS)
    assert worker.ship() + worker.ship() == OTHERS, "all others go at once"
    assert waiting() == OTHERS
    for attempt in range(2, ATTEMPTS + 1):
        later(store)
        said(store, f"meanwhile{attempt}")
        assert worker.ship() + worker.ship() == 1
    [(name, attempts, reason)] = rows(store, "SELECT id, attempts, reason FROM parked")
    assert (name, attempts, "cannot be encoded" in reason) == ("bad", ATTEMPTS, True), reason
    assert rows(store, "SELECT key, parked FROM outbox") == [(Key("app", "task", "bad").opaque, True)]
    assert worker.ship() == 0
    exchange.close()
