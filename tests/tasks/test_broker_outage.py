"""A real broker that goes away again and again: no attempt is burned, nothing is lost, all of it ships in order."""

from contextlib import contextmanager
from threading import Event, Thread
from time import sleep
from urllib.parse import urlsplit

import pika
import pytest
from sqlalchemy import event as listener

from store.messaging.exchange import EventExchange
from store.messaging.topology import EVENTS, declare
from tests.faults.proxy import Proxy
from tests.store.databases import each_database, rows
from tests.support.arrived import first_seen, purge
from tests.support.publishing import publisher, said
from workers.system.record import free_port

pytestmark = pytest.mark.servers


@each_database
def test_an_outage_costs_no_attempt_and_afterwards_everything_ships_in_order(servers, store):
    declare(servers.amqp_url, ())
    purge(servers.amqp_url)
    charged = []
    listener.listen(store.database.engine, "before_cursor_execute", lambda *given: charged.append(given[2]))
    broker, front = urlsplit(servers.amqp_url).port, free_port()
    exchange = EventExchange(servers.amqp_url.replace(f":{broker}/", f":{front}/"))
    worker = publisher(store, exchange)
    for outage in range(3):
        with listening(broker, front) as proxy:
            said(store, f"before{outage}", changes=2)
            worker.run(0.5, Event())
            said(store, f"silent{outage}", changes=2)
            proxy.drop()
            unanswered = Thread(target=worker.run, args=(0.1, Event()))
            unanswered.start()
            sleep(0.3)
        unanswered.join()
        said(store, f"refused{outage}", changes=2)
        worker.run(0.5, Event())
    with listening(broker, front):
        worker.run(2.0, Event())
    exchange.close()
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    assert rows(store, "SELECT count(*) FROM parked") == [(0,)]
    assert [statement for statement in charged if statement.startswith("UPDATE outbox")] == []
    assert first_seen(servers.amqp_url) == {
        f"{when}{outage}": ["1", "2", "3"] for outage in range(3) for when in ("before", "silent", "refused")
    }


@each_database
def test_an_exchange_that_is_gone_is_made_again_and_costs_no_attempt(servers, store):
    """404 on the channel, for every row: none of them is to blame."""
    declare(servers.amqp_url, ())
    purge(servers.amqp_url)
    exchange = EventExchange(servers.amqp_url)
    worker = publisher(store, exchange)
    said(store, "before")
    assert worker.ship() == 1
    with pika.BlockingConnection(pika.URLParameters(servers.amqp_url)) as connection:
        connection.channel().exchange_delete(EVENTS.name)
    said(store, "after", changes=2)
    assert worker.ship() == 3
    exchange.close()
    assert rows(store, "SELECT count(*) FROM outbox") == [(0,)]
    assert first_seen(servers.amqp_url) == {"before": ["1"], "after": ["1", "2", "3"]}


@contextmanager
def listening(broker, port):
    """The broker is there; afterwards connections are refused."""
    proxy = Proxy(broker)
    proxy.port = port
    with proxy:
        yield proxy
