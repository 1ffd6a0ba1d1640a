"""A row that cannot be put on the wire parks its aggregate; with a real broker, and everybody else's rows go."""

import pytest
from sqlalchemy import text

from store.fakes.exchange_and_views import NoWakeups
from store.messaging.exchange import EventExchange
from store.messaging.topology import declare
from store.outbox.lanes import Leases
from tasks.publish import Publisher
from tests.store.databases import KINDS, rows
from tests.tasks.test_publish import later, said

pytestmark = pytest.mark.servers
POISON = {"routing_key": "task.created." + "é" * 130, "event_id": "ü" * 200}


@pytest.mark.parametrize("column", POISON)
@pytest.mark.parametrize("kind", KINDS[1:2], indirect=True)
def test_an_aggregate_is_parked_and_the_others_flow(store, servers, column):
    declare(servers.amqp_url, ())
    for name in ("a", "bad", "c"):
        said(store, name, changes=2)
    with store.database.transaction() as connection:
        first = connection.scalar(text("SELECT min(position) FROM event WHERE aggregate_id = 'bad'"))
        for table in ("event", "outbox"):
            known = {each[1] for each in connection.execute(text(f"PRAGMA table_info({table})"))}
            if column in known:
                connection.execute(
                    text(f"UPDATE {table} SET {column} = :x WHERE position = :p"), {"x": POISON[column], "p": first}
                )
    exchange = EventExchange(servers.amqp_url)
    publisher = Publisher(store.database, exchange, Leases(store.database, "p#1"), NoWakeups(), max_attempts=3)
    sent = 0
    for _ in range(8):
        sent += publisher.ship()
        later(store)
    exchange.close()
    assert sent == 6
    [(reason,)] = rows(store, "SELECT reason FROM parked")
    assert "cannot be encoded" in reason
    assert rows(store, "SELECT count(*) FROM outbox WHERE parked") == [(3,)]
