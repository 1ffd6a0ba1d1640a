"""A connection that is cut in the very moment it is made: whatever a driver makes of it, the broker is away."""

import errno
import socket

import pytest

from domain.errors import BrokerUnavailable
from store.event_queue import EventQueue


def test_a_connection_cut_while_it_is_made_is_a_broker_that_is_away(monkeypatch):
    """The kernel knows no peer any more; pika says ValueError."""

    def nobody(_socket):
        raise OSError(errno.ENOTCONN, "Transport endpoint is not connected")

    monkeypatch.setattr(socket.socket, "getpeername", nobody, raising=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"amqp://guest:guest@127.0.0.1:{listener.getsockname()[1]}/%2F?connection_attempts=1&retry_delay=0"
        with pytest.raises(BrokerUnavailable):
            next(EventQueue(url).batches())
