"""Connections that are cut as they are made, or never answered: whatever a driver makes of it, a server is away."""

import errno
import socket
import time

import pytest

from domain.errors import BrokerUnavailable, StoreUnavailable
from store.messaging.event_queue import EventQueue
from store.sql.database import Database


@pytest.mark.faults
def test_a_connection_cut_while_it_is_made_is_a_broker_that_is_away(monkeypatch):
    """The kernel knows no peer any more; pika says ValueError."""

    def nobody(_socket):
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    monkeypatch.setattr(socket.socket, "getpeername", nobody, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"amqp://guest:guest@127.0.0.1:{listener.getsockname()[1]}/%2F?connection_attempts=1&retry_delay=0"
        with pytest.raises(BrokerUnavailable):
            next(EventQueue(url).batches())


@pytest.mark.faults
def test_a_database_that_falls_silent_is_a_store_that_is_away():
    """It takes connections and says nothing, as behind a broken path."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        database = Database(f"postgresql://x:x@127.0.0.1:{listener.getsockname()[1]}/x", "silent")
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable), database.reading():
            pass
        assert time.monotonic() - begun < 10
