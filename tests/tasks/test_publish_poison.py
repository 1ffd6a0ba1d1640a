"""A row that cannot be put on the wire parks its aggregate; with a real broker, and everybody else's rows go."""

import pika
import pytest
from sqlalchemy import text

from store.messaging.exchange import EventExchange
from store.messaging.topology import PROJECTOR, declare
from tests.store.databases import KINDS, rows
from tests.support.publishing import later, publisher, said

pytestmark = pytest.mark.servers
POISON = {"routing_key": "task.created." + "é" * 130, "event_id": "ü" * 200}
"""By the column that reaches the wire, a text that fits the column and not the message: it is measured in bytes."""
ATTEMPTS = 3


@pytest.fixture
def waiting(servers):
    """How many messages wait for the projectors."""
    declare(servers.amqp_url, ())
    connection = pika.BlockingConnection(pika.URLParameters(servers.amqp_url))
    channel = connection.channel()
    channel.queue_purge(PROJECTOR)
    yield lambda: channel.queue_declare(PROJECTOR, passive=True).method.message_count
    connection.close()


@pytest.mark.parametrize("column", POISON)
@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_an_aggregate_is_parked_and_the_others_flow(store, servers, waiting, column):
    for name in ("a", "bad", "c"):
        said(store, name, changes=2)
    with store.database.transaction() as connection:
        if not store.database.is_sqlite:
            connection.execute(text("ALTER TABLE event ALTER COLUMN event_id TYPE varchar(500)"))
        first = connection.scalar(text("SELECT min(position) FROM event WHERE aggregate_id = 'bad'"))
        poison = {"x": POISON[column], "p": first}
        connection.execute(text(f"UPDATE event SET {column} = :x WHERE position = :p"), poison)
    exchange = EventExchange(servers.amqp_url)
    worker = publisher(store, exchange, max_attempts=ATTEMPTS)
    sent = worker.ship() + worker.ship()
    assert sent == 6, "all others, before it is tried again"
    assert waiting() >= 6, "what had left before the connection was given up comes twice"
    for number in range(ATTEMPTS - 1):
        later(store)
        said(store, f"meanwhile{number}")
        assert worker.ship() + worker.ship() == 1
    assert worker.ship() == 0
    exchange.close()
    [(name, attempts, reason)] = rows(store, "SELECT id, attempts, reason FROM parked")
    assert (name, attempts, "cannot be encoded" in reason) == ("bad", ATTEMPTS, True), reason
    assert rows(store, "SELECT count(*) FROM outbox WHERE parked") == [(3,)]
    assert rows(store, "SELECT count(*) FROM outbox") == [(3,)]
